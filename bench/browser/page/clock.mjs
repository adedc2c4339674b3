// A fake clock for the page: all competitors look up `setTimeout`, `Date.now` and `performance.now` at each
// call.

const real = {
  setTimeout: setTimeout.bind(globalThis),
  clearTimeout: clearTimeout.bind(globalThis),
  date: Date.now,
  performance: performance.now.bind(performance),
};

/** The longest wait between two polls; longer timers are timeouts of requests. */
const longestPollDelayMs = 10_000;

export const wall = real.performance;

export function pause(ms) {
  return new Promise((resolve) => real.setTimeout(resolve, ms));
}

/** One macrotask, as short as there is. */
export function turn() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(0);
  });
}

/** Timers between polls fire in the next task, and the clock jumps by their delay. Timeouts never fire. */
export function jump() {
  let ahead = 0;
  let last = 0;
  const timers = new Map();
  const { port1, port2 } = new MessageChannel();
  const date = () => real.date() + ahead;
  port1.addEventListener('message', () => {
    const [first] = timers;
    if (!first) return;
    timers.delete(first[0]);
    ahead += Math.max(0, first[1].at - date());
    first[1].act();
  });
  port1.start();
  install({
    setTimeout(act, ms = 0, ...rest) {
      last += 1;
      if (ms <= longestPollDelayMs) {
        timers.set(last, { at: date() + ms, act: () => act(...rest) });
        port2.postMessage(0);
      }
      return last;
    },
    clearTimeout: (id) => timers.delete(id),
    date,
    performance: () => real.performance() + ahead,
  });
}

/** Makes the clock run `rate` times as fast. */
export function scale(rate) {
  const [date, started] = [real.date(), real.performance()];
  const passed = () => (real.performance() - started) * rate;
  install({
    setTimeout: (act, ms = 0, ...rest) => real.setTimeout(act, Math.min(ms / rate, 0x7fff_ffff), ...rest),
    clearTimeout: real.clearTimeout,
    date: () => Math.floor(date + passed()),
    performance: () => started + passed(),
  });
}

function install(clock) {
  globalThis.setTimeout = clock.setTimeout;
  globalThis.clearTimeout = clock.clearTimeout;
  Date.now = clock.date;
  performance.now = clock.performance;
}
