// Which tab the code that runs belongs to, over every await and timer, so that a tab can die at each of them.

import { AsyncLocalStorage } from 'node:async_hooks';
import { promiseHooks } from 'node:v8';

const running = new AsyncLocalStorage();

/** Runs it as the code of that tab; `undefined` is the world outside of all tabs. */
export function runIn(tab, work, ...values) {
  return running.run(tab, work, ...values);
}

/** Calls it after a while, whether the tab lives or not. */
export function later(work, ms) {
  return runIn(undefined, setTimeout, work, ms);
}

/** Makes each continuation after an await, and each timer, a point of its tab; gives a way to end that. */
export function watchTabs() {
  const owners = new WeakMap();
  const unhook = promiseHooks.createHook({
    init(promise) {
      const tab = running.getStore();
      if (tab) owners.set(promise, tab);
    },
    before: (promise) => owners.get(promise)?.point('an await'),
  });
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (work, ms) => {
    const tab = running.getStore();
    if (!tab) return setTimeout(work, ms);
    return setTimeout(() => {
      tab.point('a timer');
      if (!tab.dead) runIn(tab, work);
    }, ms);
  };
  return () => {
    unhook();
    globalThis.setTimeout = setTimeout;
  };
}
