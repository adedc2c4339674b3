// What the page reads in a job of the package: how it stands, what it has cost, and how far it is.

/** The job's phase, and `stopping` while a submit that was stopped is let finish. */
export function stateOf({ phase, endedAt }) {
  return phase === 'stopped' && endedAt === undefined ? 'stopping' : phase;
}

export function isUnfinished({ endedAt }) {
  return endedAt === undefined;
}

/** What a job has cost: `none`, `perhaps` where nobody knows yet, or `spent`. */
export function costOf({ phase, endedAt, generation, error }) {
  if (error?.code === 'generation_failed') return 'none';
  if (generation) return 'spent';
  return phase === 'unknown' || endedAt === undefined ? 'perhaps' : 'none';
}

/**
 * Per cent of the expected time that has passed, or undefined while nobody knows. The last twentieth is
 * left for what only the service knows.
 */
export function progressOf(job, expectedAt) {
  if (!isUnfinished(job) || expectedAt === undefined) return undefined;
  const since = job.generation.submittedAt;
  return Math.min(95, Math.max(0, (100 * (Date.now() - since)) / Math.max(1, expectedAt - since)));
}
