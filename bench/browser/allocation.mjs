// What a poll and a generation allocate on the JavaScript heap, by V8's sampling profiler.

import { summary } from './statistics.mjs';

const rounds = 3;
const kinds = { poll: { generations: 1, polls: 1000 }, generation: { generations: 300, polls: 1 } };

/** Bytes by kind and competitor, minus what the same number of timers allocates alone. */
export async function measureAllocation({ load, act, devTools }, names) {
  await load();
  await act('jump');
  const result = {};
  for (const [kind, given] of Object.entries(kinds)) {
    const baseline = await allocated(devTools, () => act('empty', given));
    result[kind] = {};
    for (const name of names) {
      await act('inPage', { name, generations: 1, polls: 100 });
      const values = [];
      for (let round = 0; round < rounds; round += 1) {
        const bytes = await allocated(devTools, () => act('inPage', { name, ...given }));
        values.push((bytes - baseline) / (given.generations * given.polls));
      }
      result[kind][name] = summary(values);
    }
  }
  return result;
}

async function allocated({ send }, work) {
  const collected = { includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true };
  await send('HeapProfiler.startSampling', { samplingInterval: 1024, ...collected });
  await work();
  const { profile } = await send('HeapProfiler.stopSampling');
  return total(profile.head);
}

function total({ selfSize, children }) {
  return children.reduce((sum, child) => sum + total(child), selfSize);
}
