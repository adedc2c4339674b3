// The main thread's time for a poll and for a whole generation.

import { summary } from './statistics.mjs';

/** Many and short, since what else the machine does comes and goes. */
const rounds = 15;
const kinds = {
  poll: { action: 'inPage', jobs: 1, polls: 500 },
  generation: { action: 'inPage', jobs: 100, polls: 1 },
  pollOverNetwork: { action: 'overNetwork', jobs: 1, polls: 70 },
};

/** Microseconds by kind and contender, less what the same number of sleeps takes alone. */
export async function measureCpu(page, names) {
  const times = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, {}]));
  await page.load();
  await page.act('jump');
  const clock = await startClock(page);
  for (let round = -1; round < rounds; round += 1) {
    for (const [kind, { action, jobs, polls }] of Object.entries(kinds)) {
      const asleep = await clock(() => page.act('empty', { jobs, polls }));
      for (const name of names) {
        const took = await clock(() => page.act(action, { name, jobs, polls }));
        if (round >= 0) (times[kind][name] ??= []).push((took - asleep) / (jobs * polls));
      }
    }
  }
  return Object.fromEntries(Object.entries(times).map(([kind, each]) => [kind, summaries(each)]));
}

function summaries(each) {
  return Object.fromEntries(Object.entries(each).map(([name, values]) => [name, summary(values)]));
}

// Chromium tells what its main thread ran; elsewhere the page's wall clock has to do.
async function startClock({ tools }) {
  if (!tools) return async (act) => (await act()) * 1000;
  await tools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const now = async () => {
    const { metrics } = await tools.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration').value * 1e6;
  };
  return async (act) => {
    const before = await now();
    await act();
    return (await now()) - before;
  };
}
