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

/** The record of a job whose track lies at `url`. */
export function completedJob({ key, prompt = key, startedAt = Date.now(), url, meta }) {
  const id = `generation-${key}`;
  return {
    version: 1,
    key,
    request: { prompt, secondsTotal: 1, steps: 1 },
    phase: 'completed',
    startedAt,
    endedAt: startedAt + 1000,
    orderedAt: startedAt,
    attempt: 1,
    orders: 0,
    changes: 1,
    generation: {
      id,
      status: 'completed',
      submittedAt: startedAt,
      polling: { checks: 1, errors: 0, notFound: 0, unknownStatus: 0, missingUrl: 0 },
      audio: { url, generationId: id },
    },
    ...(meta && { meta }),
  };
}

function phaseOf(error, generation) {
  if (error.code === 'aborted') return 'stopped';
  return !generation && ['submit_unknown', 'bad_reply'].includes(error.code) ? 'unknown' : 'failed';
}
