// What a card says while a job is under way.

import { clock } from './format.js';
import { stateOf } from './job-state.js';

/**
 * What is being waited for. `expectedAt` is when the track is expected, if anybody knows; `pause`, whether
 * the service refuses submits for now, and `until` when.
 */
export function describeProgress(job, expectedAt, pause) {
  const state = stateOf(job);
  if (state === 'stopping') {
    return 'Waits for the answer to the request that is under way, so that a track it has started is not lost.';
  }
  if (state === 'submitting') return describeSubmit(pause);
  const { lastError } = job.generation.polling;
  if (lastError) return `${describeTransientError(lastError)}; the next check follows by itself.`;
  if (expectedAt === undefined) return '';
  const left = expectedAt - Date.now();
  return left > 0 ? `Expected in about ${clock(left + 999)}.` : 'Later than expected; still waiting.';
}

function describeSubmit(pause) {
  if (!pause) return 'Waiting for the service to accept it.';
  return 'The service is too busy for now. It is asked again by itself.';
}

/** What the last check met, before the next one follows. */
function describeTransientError({ code, httpStatus }) {
  if (code === 'network') return 'The service could not be reached';
  if (code === 'timeout') return 'The service did not answer the last check';
  if (code === 'rate_limited') return 'The service asks for a pause';
  if (code === 'body') return 'The last answer could not be read';
  return `The service, or something on the way, failed at the last check (${httpStatus})`;
}
