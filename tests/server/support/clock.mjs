// Simulated time, in any runtime: timers, the wall clock and the monotonic clock advance only when a test says so.

import { install } from '@sinonjs/fake-timers';

const realTimeout = globalThis.setTimeout;

/**
 * Replaces the clocks and timers; `restore` puts the real ones back. While `busy()`, real I/O is in progress
 * and no simulated time passes.
 */
export function stopClocks(busy = () => false) {
  const toFake = ['setTimeout', 'clearTimeout', 'Date', 'performance'];
  // What has begun before may end its own timers.
  const clock = install({ now: Date.now(), toFake, shouldClearNativeTimers: true });
  const quiet = async () => {
    await idle();
    for (let turns = 0; busy() && turns < 5000; turns++) await idle();
  };
  return {
    /** Advances the time by `ms` milliseconds, and runs what becomes due. */
    async advance(ms) {
      const step = Math.max(50, ms / 200);
      for (let left = ms; left > 0; left -= step) {
        await quiet();
        clock.tick(Math.min(step, left));
      }
      await quiet();
    },
    /** Advances the time until a promise has settled; resolves to its value and how long that took. */
    async settle(promise, limit = 300_000) {
      const state = { settled: false };
      const done = () => {
        state.settled = true;
      };
      promise.then(done, done);
      const begun = Date.now();
      while (!state.settled && Date.now() - begun < limit) {
        for (let turn = 0; turn < 3 && !state.settled; turn++) await quiet();
        if (!state.settled) clock.tick(Date.now() - begun < 10_000 ? 100 : 1000);
      }
      if (!state.settled) throw new Error(`nothing within ${limit} ms`);
      return { value: await promise, ms: Date.now() - begun };
    },
    /** Advances the wall clock but not the timers, as if the process had been suspended. */
    jump(ms) {
      clock.setSystemTime(Date.now() + ms);
    },
    restore() {
      clock.uninstall();
    },
  };
}

/** What is under way outside, such as a digest or a reply of a local server, goes on. */
export function idle() {
  return new Promise((resolve) => {
    realTimeout(resolve, 1);
  });
}
