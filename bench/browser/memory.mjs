// Memory: of generations that wait, and of the module after generations that have ended.

/** The bytes that each waiting generation retains, by competitor and number of generations. */
export async function measureWaiting({ load, act, devTools }, names, counts) {
  const result = {};
  for (const name of names) {
    result[name] = {};
    for (const generations of counts) {
      await load();
      // No timer fires during the measurement.
      await act('scale', 1e-3);
      await act('hold', { name, generations: 5 });
      const before = await retained(act, devTools);
      await act('hold', { name, generations });
      const after = await retained(act, devTools);
      const each = Object.entries(after).map(([part, bytes]) => [part, (bytes - before[part]) / generations]);
      result[name][generations] = Object.fromEntries(each);
    }
  }
  return result;
}

/** The module's memory after an increasing number of generations, and after many polls. */
export async function measureModule({ load, act }) {
  await load();
  await act('jump');
  const rows = [];
  let ended = 0;
  for (const generations of [1, 100, 10_000]) {
    await act('inPage', { name: 'ours', generations: generations - ended, polls: 1 });
    ended = generations;
    rows.push({ generations, polls: 0, ...(await act('moduleMemory')) });
  }
  for (const polls of [50_000, 100_000]) {
    await act('inPage', { name: 'ours', generations: 1, polls: 50_000 });
    rows.push({ generations: ended, polls, ...(await act('moduleMemory')) });
  }
  return rows;
}

async function retained(act, { send }) {
  // Twice, since finalizers may release more memory.
  await send('HeapProfiler.collectGarbage');
  await send('HeapProfiler.collectGarbage');
  const { usedSize, embedderHeapUsedSize } = await send('Runtime.getHeapUsage');
  const { bytes } = await act('moduleMemory');
  return { script: usedSize, browser: embedderHeapUsedSize, module: bytes };
}
