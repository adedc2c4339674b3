// What a card says while a job is under way.

import { clock, timeOfDay } from './format.js';
import { stateOf } from './job-state.js';

/**
 * What is being waited for. `expectedAt` is when the track is expected, if anybody knows; `submits` watches
 * the page's own.
 */
export function describeProgress(job, expectedAt, submits) {
  const state = stateOf(job);
  if (state === 'stopping') {
    if (submits?.pause) return 'The service refuses the request for now, and no other is sent.';
    return 'Waits for the answer to the request that is under way, so that a track it has started is not lost.';
  }
  if (state === 'submitting') return describeSubmit(submits?.pause, submits?.isLookedUp(job));
  const { nextCheckAt, polling } = job.generation;
  if (polling.lastError) return describeTransientError(polling.lastError, nextCheckAt);
  if (expectedAt === undefined) return '';
  const left = expectedAt - Date.now();
  return left > 0 ? `Expected in about ${clock(left + 999)}.` : 'Later than expected; still waiting.';
}

function describeSubmit(pause, isLookedUp) {
  if (isLookedUp) return 'No answer came. What became of the request is being looked up, so that it is not paid twice.';
  if (!pause) return 'Waiting for the service to accept it.';
  const again = 'It is asked again by itself, and nothing is spent until it accepts.';
  if (pause.until > Date.now()) return `The service asks for a pause until ${timeOfDay(pause.until)}. ${again}`;
  return `The service is too busy for now. ${again}`;
}

/** What the last check met, before the next one follows. */
function describeTransientError(error, nextCheckAt) {
  if (error.code === 'rate_limited') {
    return `The service asks for a pause: the next check is at ${timeOfDay(nextCheckAt)}. The track goes on meanwhile.`;
  }
  return `${causeOf(error)}; the next check follows by itself.`;
}

function causeOf({ code, httpStatus }) {
  if (code === 'network') return 'The service could not be reached';
  if (code === 'timeout') return 'The service did not answer the last check';
  if (code === 'body') return 'The last answer could not be read';
  return `The service, or something on the way, failed at the last check (${httpStatus})`;
}
