// Simulated time: timers, the wall clock and the monotonic one go on only when a test says so.

import { mock } from 'node:test';

const realTimeout = globalThis.setTimeout;

/** Stops the world's clocks; `restore` starts them again. */
export function stopClocks() {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.now() });
  const origin = Date.now();
  mock.method(performance, 'now', () => Date.now() - origin);
  return {
    /** Lets so many milliseconds pass, with all that happens in them. */
    async advance(ms) {
      const step = Math.max(50, ms / 200);
      for (let left = ms; left > 0; left -= step) {
        await idle();
        mock.timers.tick(Math.min(step, left));
      }
      await idle();
    },
    /** Lets time pass until the promise has settled; resolves to it, and to how long that took. */
    async settle(promise, limit = 300_000) {
      const state = { settled: false };
      const done = () => {
        state.settled = true;
      };
      promise.then(done, done);
      const begun = Date.now();
      while (!state.settled && Date.now() - begun < limit) {
        for (let turn = 0; turn < 3 && !state.settled; turn++) await idle();
        if (!state.settled) mock.timers.tick(Date.now() - begun < 10_000 ? 100 : 1000);
      }
      if (!state.settled) throw new Error(`nothing within ${limit} ms`);
      return { value: await promise, ms: Date.now() - begun };
    },
    restore() {
      mock.timers.reset();
      mock.restoreAll();
    },
  };
}

/** Waits, in the world's time, until `ready` gives something. */
export async function eventually(ready) {
  for (let tries = 0; tries < 2000; tries++) {
    const found = await ready();
    if (found) return found;
    await idle();
  }
  throw new Error(`never: ${ready}`);
}

/** What is under way outside, such as a digest or a reply of a local server, goes on. */
export function idle() {
  return new Promise((resolve) => {
    realTimeout(resolve, 1);
  });
}
