// A submit that can be stopped without losing what it may have bought.

import { StableAudioError } from 'stable-audio-client';

/** The refusals after which the package sends a request again. */
const sentAgainAfter = new Set([401, 429]);

/**
 * Submits a request, once; resolves to its generation. When `signal` is aborted, a POST that is under
 * way is let answer, so that its id is not lost, and none is sent from then on. `openClient` gives a
 * client with the options that it is called with.
 */
export function submit(openClient, request, signal) {
  return new Promise((resolve, reject) => {
    const ending = new AbortController();
    let isUnderWay = false;
    const stop = () => {
      if (isUnderWay) return;
      const message = 'stopped before it was sent; nothing was spent';
      reject(StableAudioError.fromJSON({ code: 'aborted', message, retryable: true }));
      ending.abort();
    };
    const watched = async (...given) => {
      isUnderWay = true;
      const reply = await fetch(...given);
      isUnderWay = !sentAgainAfter.has(reply.status);
      if (signal.aborted) stop();
      return reply;
    };
    signal.addEventListener('abort', stop);
    if (signal.aborted) return stop();
    // The package may break down at any time, and does not say when: nobody then heard the answer.
    const broke = (error) => isUnderWay && error.code === 'unsupported';
    const fail = (error) =>
      reject(broke(error) ? StableAudioError.fromJSON({ ...error.toJSON(), code: 'submit_unknown' }) : error);
    openClient({ fetch: watched }).submit(request, { signal: ending.signal }).then(resolve, fail);
  });
}
