// The page's own submits as they pass: whether one waits for its answer, whether the service has asked for
// a pause, and whose outcome is being looked up.

/** Watches the submits of a client that is given this `fetch`. */
export function watchSubmits() {
  let unanswered = 0;
  /** While the service refuses submits for now: until when, in epoch milliseconds, where it has said so. */
  let pause;
  let faulty;
  const lookedUp = new Set();

  return {
    /** Whether leaving the page would take with it the answer to a submit. */
    get isUnanswered() {
      return unanswered > 0;
    },
    get pause() {
      return pause;
    },
    /** Whether the answer to a job's submit was lost, and is being looked up. */
    isLookedUp: ({ key }) => lookedUp.has(key),
    /** Sends the next submit, and that one alone, by this instead of `fetch`. */
    sendNextBy(send) {
      faulty = send;
    },
    async fetch(url, init) {
      if (init?.method !== 'POST') {
        const key = new URL(url, location).searchParams.get('idempotency_key');
        if (key) lookedUp.add(jobKeyOf(key));
        return fetch(url, init);
      }
      lookedUp.delete(jobKeyOf(new Headers(init.headers).get('idempotency-key') ?? ''));
      const send = faulty ?? fetch;
      faulty = undefined;
      unanswered += 1;
      pause = undefined;
      try {
        const reply = await send(url, init);
        if (reply.status === 429) pause = { until: retryAt(reply.headers.get('retry-after')) };
        return reply;
      } finally {
        unanswered -= 1;
      }
    },
  };
}

/** The key of the job; a retry's submit has a number after it. */
function jobKeyOf(submitKey) {
  return submitKey.replaceAll('"', '').split('.')[0];
}

/** What a `Retry-After` says, seconds or a date, in epoch milliseconds. */
function retryAt(header) {
  const at = /^\d+$/.test(header ?? '') ? Date.now() + Number(header) * 1000 : Date.parse(header);
  return at > Date.now() ? at : undefined;
}
