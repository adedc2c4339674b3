// What test pages share: a service played by a function, an errand that is aborted, and a count of
// all timers and listeners.

export const key = 'demo-key';
export const elsewhere = 'https://service.test';
export const track = 'https://files.test/track.wav';

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A JSON reply. */
export const reply = (body, status = 200) => Response.json(body, { status });

/** The same without a stream: it is read within microtasks. */
export const plainReply = (body, status = 200) => ({ status, text: async () => JSON.stringify(body) });

/**
 * A `fetch` that plays the service, and the requests that it saw. Polls are answered by `words` in
 * turn, the last one for ever.
 */
export function service(words = ['completed'], answer = reply) {
  const requests = [];
  const polls = new Map();
  const fetch = async (url, init) => {
    const { method, headers, signal } = init;
    requests.push({ url, method, key: headers.Authorization, signal, at: performance.now() });
    if (method === 'POST') return answer({ id: `job-${requests.length}`, status: 'queued' }, 201);
    const id = new URL(url).searchParams.get('generation_id');
    const seen = polls.get(id) ?? 0;
    polls.set(id, seen + 1);
    const status = words[Math.min(seen, words.length - 1)];
    return answer({ id, status, audio_file: status === 'completed' ? { url: track } : null });
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

/** A proxy that throws whatever is done to it. */
export function revoked(target = {}) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** The page's `fetch`, whatever key it is given. */
export const withKey = (key) => (url, init) =>
  window.fetch(url, { ...init, headers: { ...init.headers, Authorization: `Bearer ${key}` } });

/** Sends a worker a message; resolves to its first one. */
export const ask = (worker, question) =>
  new Promise((resolve, reject) => {
    worker.addEventListener('message', ({ data }) => resolve(data));
    worker.addEventListener('error', reject);
    worker.postMessage(question, []);
  });

/** Keeps a generation for the next page. */
export const store = (generation) => localStorage.setItem('job', JSON.stringify(generation));

/** Throws. */
export function thrower() {
  throw new Error('no');
}

/** Gives the object a `then`. */
export const thenable = (then, target = {}) => {
  // oxlint-disable-next-line unicorn/no-thenable -- what foreign code may give
  return Object.defineProperty(target, 'then', { value: then });
};

/** Makes reading that property throw. */
export const trap = (name, target = {}, get = thrower) => Object.defineProperty(target, name, { get });

/** A reply whose body is read through this reader. */
export const streaming = (reader) => ({ status: 201, body: { getReader: () => reader } });

/** A reader whose chunks are all this one. */
export const endless = (value) => ({ read: async () => ({ done: false, value }) });

/** Settles as the call does, or after so many milliseconds by saying that it hung. */
export async function soon(call, ms = 3000) {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, ms, { told: { code: 'hung' } })));
  const end = await Promise.race([outcome(call), late]);
  clearTimeout(timer);
  return end;
}

/**
 * Replaces the clocks and `setTimeout`; `run` jumps from timer to timer until the call settles, and
 * tells how many milliseconds that took by the clocks that were replaced.
 */
export function fakeTimers() {
  const real = { setTimeout: window.setTimeout, clearTimeout: window.clearTimeout, now: Date.now };
  const later = setTimeout.bind(window);
  const timers = new Map();
  const start = Date.now();
  let now = 0;
  let last = 0;
  window.setTimeout = (work, ms = 0) => {
    last += 1;
    timers.set(last, { work, at: now + Math.max(1, ms) });
    return last;
  };
  window.clearTimeout = (id) => timers.delete(id);
  Date.now = () => start + now;
  performance.now = () => now;
  const step = () => new Promise((resolve) => later(resolve, 1));
  const end = () => {
    Object.assign(window, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
    Date.now = real.now;
    delete performance.now;
  };
  return {
    end,
    async run(call) {
      const ended = [];
      outcome(call).then((end) => ended.push(end));
      const from = now;
      for (let steps = 0; ended.length === 0 && steps < 2000; steps += 1) {
        await step();
        const [id, next] = [...timers].toSorted(([, a], [, b]) => a.at - b.at)[0] ?? [];
        if (ended.length > 0 || !next) continue;
        timers.delete(id);
        now = next.at;
        next.work();
      }
      const [{ value, told }] = [...ended, { told: { code: 'hung' } }];
      return { value, told, ms: now - from, left: timers.size };
    },
  };
}

/** Makes the clocks and `setTimeout` so many times as fast as the world's; requests take as long as they take. */
export function hurry(times) {
  for (const clock of [Date, performance]) {
    const now = clock.now.bind(clock);
    const start = now();
    clock.now = () => start + (now() - start) * times;
  }
  const later = window.setTimeout.bind(window);
  window.setTimeout = (work, ms = 0) => later(work, ms / times);
}
