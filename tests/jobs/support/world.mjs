// A world in one process: tabs that can die at any point, what they share, and time that a test lets pass.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { install } from '@sinonjs/fake-timers';

import { root } from '../../../tools/paths.mjs';
import { ModelClient, Service, never } from './client.mjs';
import { ExtensionDisk, WebDisk } from './disks.mjs';
import { LockTable } from './locks.mjs';
import { newRandom, seed } from './random.mjs';
import { runIn, watchTabs } from './tabs.mjs';

export const library = await import(pathToFileURL(join(root, 'dist', 'jobs.js')));

/**
 * `lagMs` is what changes take to the other tabs, and `delayMs` what each half of a reply takes; without,
 * that is left to chance.
 */
export function newWorld({ storage = 'web', recovery, locks = true, salt = 0, lagMs, delayMs } = {}) {
  const clock = install({
    now: 1_800_000_000_000,
    toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'],
  });
  const unwatch = watchTabs();
  const random = newRandom(seed + salt);
  const lag = () => lagMs ?? Math.floor(random() * 6);
  const table = new LockTable();
  const service = new Service({ recovery, delay: () => delayMs ?? 20 + Math.floor(random() * 200) });
  const disk = storage === 'extension' ? new ExtensionDisk(lag) : new WebDisk(lag);
  const shared = library.memoryStorage();

  /** The records as they are stored. */
  function stored() {
    if (storage === 'memory') return shared.load();
    const items = [...disk.items().values()];
    return storage === 'web' ? items.map((item) => JSON.parse(item)) : items;
  }

  function newTab(cutAt = Infinity) {
    const tab = {
      dead: false,
      points: 0,
      told: [],
      diedAt: undefined,
      /** What was stored of its first job when it died. */
      left: undefined,
      /** A moment at which the tab may die. */
      point(where) {
        if (tab.dead || ![tab.points++, where].includes(cutAt)) return;
        tab.diedAt = where;
        tab.kill();
      },
      async step(where) {
        tab.point(where);
        if (tab.dead) await never();
      },
      kill() {
        tab.dead = true;
        tab.left = stored()[0];
        table.release(tab);
      },
    };
    return tab;
  }

  function storageOf(tab) {
    if (storage === 'extension') return library.extensionStorage(disk.for(tab).area);
    if (storage === 'web') {
      tab.own = disk.for(tab);
      return library.webStorage(tab.own.area);
    }
    const gated = (act) => (tab.dead ? undefined : act());
    return {
      load: (key) => gated(() => shared.load(key)) ?? [],
      save: (record) => {
        tab.point('before a save');
        gated(() => shared.save(record));
        tab.point('after a save');
      },
      remove: (key) => gated(() => shared.remove(key)),
      watch: (changed) => shared.watch((...change) => gated(() => runIn(tab, changed, ...change))),
    };
  }

  /** Opens jobs in a tab of their own, which dies at its so manieth point, or at the first one of that name. */
  function open({ cutAt, navigatorLocks, ...options } = {}) {
    const tab = newTab(cutAt);
    const globals = {
      navigator: { locks: navigatorLocks ?? (locks ? table.for(tab) : undefined) },
      addEventListener: (_type, listener) => tab.own?.listeners.add(listener),
    };
    const kept = Object.keys(globals).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
    for (const [name, value] of Object.entries(globals)) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
    try {
      const jobs = runIn(tab, () =>
        library.openJobs({
          client: new ModelClient(tab, service),
          storage: storageOf(tab),
          onStorageError: (error) => tab.told.push(error),
          ...options,
        }),
      );
      const inTab = ([name, act]) => [name, (...values) => runIn(tab, act, ...values)];
      tab.jobs = Object.fromEntries(Object.entries(jobs).map(inTab));
    } finally {
      for (const [name, descriptor] of kept) {
        if (descriptor) Object.defineProperty(globalThis, name, descriptor);
        else delete globalThis[name];
      }
    }
    return tab;
  }

  return {
    open,
    clock,
    disk,
    stored,
    service,
    shared,
    locks: table,
    random,
    pass: (ms) => clock.tickAsync(ms),
    /** Lets time pass until all jobs of a tab have ended. */
    async rest(tab, limit = 3_600_000) {
      for (let left = limit; left > 0; left -= 5000) {
        await clock.tickAsync(5000);
        if (tab.dead || tab.jobs.getSnapshot().every(({ endedAt }) => endedAt !== undefined)) break;
      }
      return tab.jobs.getSnapshot();
    },
    end() {
      unwatch();
      clock.uninstall();
    },
  };
}
