// Jobs as the package stores them, for pages that have to find some.

/** The record of a job that has ended with an error; `aborted` is that of one that was stopped. */
export function endedJob({ key, prompt = key, startedAt = Date.now(), error, generation }) {
  return {
    version: 1,
    key,
    request: { prompt },
    phase: phaseOf(error, generation),
    startedAt,
    endedAt: startedAt,
    orderedAt: startedAt,
    attempt: 1,
    orders: 0,
    changes: 1,
    // A job that was stopped has no error of its own.
    ...(error.code !== 'aborted' && { error }),
    ...(generation && { generation }),
  };
}

function phaseOf(error, generation) {
  if (error.code === 'aborted') return 'stopped';
  return !generation && ['submit_unknown', 'bad_reply'].includes(error.code) ? 'unknown' : 'failed';
}
