// Thousands of generations at once, in a page whose clock runs as fast as the emulator's.

import { startEmulator } from '../../tools/emulator.mjs';
import { longestTasks } from './trace.mjs';

const speed = 20;
/** In the measure of blocks: as a page adds jobs, rather than all from one task. */
const perTask = 10;

/** One row for each contender, place and number of generations; blocks where they can be traced. */
export async function measureFlight(page, names, counts) {
  const emulator = await startEmulator({ speed });
  const rows = [];
  const blocks = [];
  const run = async (given) => {
    await page.load();
    await page.act('scale', speed);
    await page.act('atOnce', { ...given, jobs: 3, perTask: 3 });
    return page.act('atOnce', given);
  };
  try {
    for (const base of [undefined, emulator.url]) {
      const where = base ? 'the emulator' : 'the page';
      for (const jobs of counts) {
        for (const name of names) {
          const given = { name, base, jobs };
          rows.push({ name, where, jobs, ...(await run({ ...given, perTask: jobs })) });
          if (!page.tools || jobs > 1000) continue;
          blocks.push({ name, where, jobs, ...(await longestTasks(page.tools, () => run({ ...given, perTask }))) });
        }
      }
    }
  } finally {
    await emulator.stop();
  }
  return { rows, blocks };
}
