// The main thread's time for a poll and for a whole generation.

import { summary } from './statistics.mjs';

/** Many short rounds, since the load of the machine varies. */
const rounds = 15;
const kinds = {
  poll: { action: 'inPage', generations: 1, polls: 500 },
  generation: { action: 'inPage', generations: 100, polls: 1 },
  pollOverNetwork: { action: 'overNetwork', generations: 1, polls: 70 },
};

/** Microseconds by kind and competitor, minus what the same number of timers takes alone. */
export async function measureCpu(page, names) {
  const times = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, {}]));
  await page.load();
  await page.act('jump');
  const clock = await startClock(page);
  for (let round = -1; round < rounds; round += 1) {
    for (const [kind, { action, generations, polls }] of Object.entries(kinds)) {
      const baseline = await clock(() => page.act('empty', { generations, polls }));
      for (const name of names) {
        const took = await clock(() => page.act(action, { name, generations, polls }));
        if (round >= 0) (times[kind][name] ??= []).push((took - baseline) / (generations * polls));
      }
    }
  }
  return Object.fromEntries(Object.entries(times).map(([kind, each]) => [kind, summaries(each)]));
}

function summaries(each) {
  return Object.fromEntries(Object.entries(each).map(([name, values]) => [name, summary(values)]));
}

// Chromium reports the time of its main thread; in other engines the page's wall clock is used.
async function startClock({ devTools }) {
  if (!devTools) return async (act) => (await act()) * 1000;
  await devTools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const now = async () => {
    const { metrics } = await devTools.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration').value * 1e6;
  };
  return async (act) => {
    const before = await now();
    await act();
    return (await now()) - before;
  };
}
