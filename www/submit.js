// A submit that can be stopped without losing what it may have bought.

import { StableAudioError } from 'stable-audio-client';

/** The refusals after which the package sends a request again. */
const sentAgainAfter = new Set([401, 429]);

/** The same error, of a request that may have been billed. */
export function asUnknown(error) {
  return StableAudioError.fromJSON({ ...error.toJSON(), code: 'submit_unknown' });
}

/** The error of a request that never arrived. */
export function notSent(because) {
  const message = `${because} before it was sent; nothing was spent`;
  return StableAudioError.fromJSON({ code: 'aborted', message, retryable: true });
}

/**
 * Submits a request, once for each idempotency key; resolves to its generation. When `signal` is
 * aborted, what became of a POST that has left is still found out, so that its id is not lost, and none
 * is sent from then on. `openClient` gives a client with the options that it is called with.
 */
export function submit(openClient, request, idempotencyKey, signal) {
  return new Promise((resolve, reject) => {
    const ending = new AbortController();
    let isUnderWay = false;
    const stop = () => {
      if (isUnderWay) return;
      reject(notSent('stopped'));
      ending.abort();
    };
    const watched = async (url, init) => {
      // A look at what became of the POST, which is as good as under way until that is known.
      if (init.method !== 'POST') return fetch(url, init);
      if (signal.aborted) {
        isUnderWay = false;
        // The package is in the middle of a call.
        queueMicrotask(stop);
        throw signal.reason;
      }
      isUnderWay = true;
      const reply = await fetch(url, init);
      isUnderWay = !sentAgainAfter.has(reply.status);
      if (signal.aborted) stop();
      return reply;
    };
    signal.addEventListener('abort', stop);
    if (signal.aborted) return stop();
    // The package may break down at any time, and does not say when: nobody then heard the answer.
    const broke = (error) => isUnderWay && error.code === 'unsupported';
    const fail = (error) => reject(broke(error) ? asUnknown(error) : error);
    openClient({ fetch: watched }).submit(request, { idempotencyKey, signal: ending.signal }).then(resolve, fail);
  });
}
