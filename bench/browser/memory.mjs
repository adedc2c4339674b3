// What is kept: by generations that wait, and by the module after generations that have ended.

/** Bytes that each of so many sleeping generations keeps, by contender. */
export async function measureWaiting({ load, act, tools }, names, counts) {
  const result = {};
  for (const name of names) {
    result[name] = {};
    for (const jobs of counts) {
      await load();
      // Nobody wakes while this is measured.
      await act('scale', 1e-3);
      await act('hold', { name, jobs: 5 });
      const before = await kept(act, tools);
      await act('hold', { name, jobs });
      const after = await kept(act, tools);
      const each = Object.entries(after).map(([part, bytes]) => [part, (bytes - before[part]) / jobs]);
      result[name][jobs] = Object.fromEntries(each);
    }
  }
  return result;
}

/** The module's memory after ever more generations, and after a soak of polls. */
export async function measureModule({ load, act }) {
  await load();
  await act('jump');
  const rows = [];
  let ended = 0;
  for (const generations of [1, 100, 10_000]) {
    await act('inPage', { name: 'ours', jobs: generations - ended, polls: 1 });
    ended = generations;
    rows.push({ generations, polls: 0, ...(await act('moduleMemory')) });
  }
  for (const polls of [50_000, 100_000]) {
    await act('inPage', { name: 'ours', jobs: 1, polls: 50_000 });
    rows.push({ generations: ended, polls, ...(await act('moduleMemory')) });
  }
  return rows;
}

async function kept(act, { send }) {
  // Twice: what the first finds dead may have kept something alive until then.
  await send('HeapProfiler.collectGarbage');
  await send('HeapProfiler.collectGarbage');
  const { usedSize, embedderHeapUsedSize } = await send('Runtime.getHeapUsage');
  const { bytes } = await act('moduleMemory');
  return { script: usedSize, browser: embedderHeapUsedSize, module: bytes };
}
