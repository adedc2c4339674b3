// The page's own submits as they pass: whether one waits for its answer, and whether the service has
// asked for a pause.

/** Watches the submits of a client that is given this `fetch`. */
export function watchSubmits() {
  let unanswered = 0;
  /** While the service refuses submits for now: until when, in epoch milliseconds, where it has said so. */
  let pause;

  return {
    /** Whether leaving the page would take with it the answer to a submit. */
    get isUnanswered() {
      return unanswered > 0;
    },
    get pause() {
      return pause;
    },
    async fetch(url, init) {
      if (init?.method !== 'POST') return fetch(url, init);
      unanswered += 1;
      pause = undefined;
      try {
        const reply = await fetch(url, init);
        if (reply.status === 429) pause = { until: retryAt(reply.headers.get('retry-after')) };
        return reply;
      } finally {
        unanswered -= 1;
      }
    },
  };
}

/** What a `Retry-After` says, seconds or a date, in epoch milliseconds. */
function retryAt(header) {
  const at = /^\d+$/.test(header ?? '') ? Date.now() + Number(header) * 1000 : Date.parse(header);
  return at > Date.now() ? at : undefined;
}
