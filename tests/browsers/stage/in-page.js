// What test pages share: a service played by a function, an errand that is aborted, and a count of
// all timers and listeners.

export const key = 'demo-key';
export const elsewhere = 'https://service.test';
export const track = 'https://files.test/track.wav';

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A JSON reply. */
export const reply = (body, status = 200) => Response.json(body, { status });

/**
 * A `fetch` that plays the service, and the requests that it saw. Polls are answered by `words` in
 * turn, the last one for ever.
 */
export function service(words = ['completed']) {
  const requests = [];
  const polls = new Map();
  const fetch = async (url, init) => {
    const { method, headers, signal } = init;
    requests.push({ url, method, key: headers.Authorization, signal, at: performance.now() });
    if (method === 'POST') return reply({ id: `job-${requests.length}`, status: 'queued' }, 201);
    const id = new URL(url).searchParams.get('generation_id');
    const seen = polls.get(id) ?? 0;
    polls.set(id, seen + 1);
    const status = words[Math.min(seen, words.length - 1)];
    return reply({ id, status, audio_file: status === 'completed' ? { url: track } : null });
  };
  const sent = (method) => requests.filter((request) => request.method === method).length;
  return { fetch, requests, sent };
}

/** A `fetch` that never answers, and a promise of its first call. */
export function silence() {
  let called;
  const reached = new Promise((resolve) => (called = resolve));
  const fetch = (url, init) => {
    called({ url, ...init });
    return new Promise(() => {});
  };
  return { fetch, reached };
}

/** What became of a call, as plain data; `error` itself is for looking at in the page. */
export async function outcome(call) {
  try {
    return { value: await call };
  } catch (error) {
    const { name, code, message, retryable, generation } = error;
    return { error, told: { name, code, message, retryable, generation } };
  }
}

/** Whether an abort's error carries that very reason. */
export const carries = (error, reason) => ({
  name: error.name,
  same: error.cause === reason && Object.hasOwn(error, 'cause'),
});

/** Aborts, and tells how soon and with what the call rejected. */
export async function aborted(call, controller, reason = 'enough') {
  const start = performance.now();
  controller.abort(reason);
  const late = pause(3000).then(() => ({ told: { code: 'nothing within 3 s' } }));
  const { value, error, told } = await Promise.race([outcome(call), late]);
  return { ms: performance.now() - start, value, same: error?.cause === reason, ...told };
}

/** Counts every timer and listener that is set from now on and not yet over or taken back. */
export function census() {
  const timers = new Set();
  const listeners = new Map();
  const names = new Map();
  const nameOf = (target) => names.get(target) ?? names.set(target, names.size).get(target);
  const slot = (target, type, listener) => `${nameOf(target)} ${type} ${nameOf(listener)}`;
  const { setTimeout, clearTimeout, setInterval } = window;
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  let made = 0;
  window.setTimeout = (work, ...rest) => {
    made += 1;
    const id = setTimeout(
      () => {
        timers.delete(id);
        work();
      },
      ...rest,
    );
    timers.add(id);
    return id;
  };
  window.clearTimeout = (id) => {
    timers.delete(id);
    clearTimeout(id);
  };
  window.setInterval = () => {
    throw new Error('an interval');
  };
  EventTarget.prototype.addEventListener = function (type, listener, ...rest) {
    made += 1;
    listeners.set(slot(this ?? window, type, listener), type);
    return addEventListener.call(this ?? window, type, listener, ...rest);
  };
  EventTarget.prototype.removeEventListener = function (type, listener, ...rest) {
    listeners.delete(slot(this ?? window, type, listener));
    return removeEventListener.call(this ?? window, type, listener, ...rest);
  };
  return {
    made: () => made,
    left: () => ({ timers: timers.size, listeners: [...listeners.values()] }),
    end() {
      Object.assign(window, { setTimeout, clearTimeout, setInterval });
      Object.assign(EventTarget.prototype, { addEventListener, removeEventListener });
    },
  };
}
