// Runs steps side by side, as far as their needs and the machine's cores allow.

/**
 * Performs each step once all that it needs have ended, and resolves to the results in the order of the
 * steps. Of the steps that could start, those that come first in the list start first.
 *
 * A step says how many `cores` it keeps busy. Those that keep 'all' of them busy run one at a time, beside
 * the others, to which they are expected to give way. Of the others, as many run at once as keep no more
 * than `cores` busy together; one that would need more runs as the only one of them.
 */
export async function runAll(steps, { cores, perform }) {
  const waiting = new Set(steps);
  const running = new Map();
  const results = new Map();
  const names = new Set(steps.map(({ name }) => name));

  const isReady = ({ needs = [] }) => needs.every((need) => results.has(need) || !names.has(need));
  const start = (step) => {
    waiting.delete(step);
    const performed = perform(step, results).then((result) => {
      results.set(step.name, result);
      running.delete(step);
    });
    running.set(step, performed);
  };

  while (waiting.size > 0 || running.size > 0) {
    for (const step of waiting) if (isReady(step) && hasRoom(step, running.keys(), cores)) start(step);
    if (running.size === 0) throw new Error(`steps that need each other: ${[...waiting].map(({ name }) => name)}`);
    await Promise.race(running.values());
  }
  return steps.map(({ name }) => results.get(name));
}

function hasRoom(step, running, cores) {
  const rivals = [...running].filter((other) => usesAll(other) === usesAll(step));
  if (rivals.length === 0) return true;
  if (usesAll(step)) return false;
  const busy = rivals.reduce((sum, other) => sum + other.cores, step.cores);
  // Tenths do not add up exactly.
  return busy < cores + 0.01;
}

function usesAll({ cores }) {
  return cores === 'all';
}
