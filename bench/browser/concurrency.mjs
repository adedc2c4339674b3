// Thousands of concurrent generations, in a page whose clock runs as fast as the emulator's.

import { startEmulator } from '../../tools/emulator.mjs';
import { longestTasks } from './trace.mjs';

const speed = 20;
/** When tasks are traced, calls are spread over tasks, as a page would start them. */
const perTask = 10;

/** A row for each competitor, server and number of generations; the longest tasks where they can be traced. */
export async function measureConcurrency(page, names, counts) {
  const emulator = await startEmulator({ speed });
  const rows = [];
  const longest = [];
  const run = async (given) => {
    await page.load();
    await page.act('scale', speed);
    await page.act('atOnce', { ...given, generations: 3, perTask: 3 });
    return page.act('atOnce', given);
  };
  try {
    for (const base of [undefined, emulator.url]) {
      const where = base ? 'the emulator' : 'the page';
      for (const generations of counts) {
        for (const name of names) {
          const given = { name, base, generations };
          rows.push({ name, where, generations, ...(await run({ ...given, perTask: generations })) });
          if (!page.devTools || generations > 1000) continue;
          longest.push({
            name,
            where,
            generations,
            ...(await longestTasks(page.devTools, () => run({ ...given, perTask }))),
          });
        }
      }
    }
  } finally {
    await emulator.stop();
  }
  return { rows, longest };
}
