// A model of Web Locks: exclusive, in order of arrival, let go when the tab that holds them dies.

import { later, runIn } from './tabs.mjs';

export class LockTable {
  #queues = new Map();

  /** A tab's `navigator.locks`. */
  for(tab) {
    return {
      request: (name, options, work) =>
        new Promise((resolve, reject) => {
          tab.point('a request for a lock');
          if (tab.dead) return;
          const queue = this.#queues.get(name) ?? [];
          this.#queues.set(name, queue);
          const request = { tab, work, resolve, reject, held: false };
          options.signal?.addEventListener('abort', () => {
            if (request.held || !queue.includes(request)) return;
            queue.splice(queue.indexOf(request), 1);
            reject(options.signal.reason);
          });
          if (options.signal?.aborted) return reject(options.signal.reason);
          if (options.ifAvailable && queue.length > 0) return resolve(work(null));
          queue.push(request);
          this.#grant(name);
        }),
    };
  }

  /** The tab has died: what it held goes to the next. */
  release(tab) {
    for (const [name, queue] of this.#queues) {
      const left = queue.filter((request) => request.tab !== tab);
      queue.splice(0, queue.length, ...left);
      this.#grant(name);
    }
  }

  holders(key) {
    return (this.#queues.get(`stable-audio-jobs/${key}`) ?? []).filter(({ held }) => held).map(({ tab }) => tab);
  }

  #grant(name) {
    const queue = this.#queues.get(name);
    const [first] = queue;
    if (!first || first.held) return;
    first.held = true;
    const { tab } = first;
    later(async () => {
      tab.point('the grant of a lock');
      if (tab.dead) return;
      try {
        first.resolve(await runIn(tab, first.work, { name }));
      } catch (error) {
        first.reject(error);
      }
      tab.point('the release of a lock');
      if (tab.dead) return;
      queue.shift();
      this.#grant(name);
    }, 0);
  }
}
