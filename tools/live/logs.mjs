// The service's logs, looked at no more often than its pace allows.

import { setTimeout as sleep } from 'node:timers/promises';

import { objectOf } from './exchange.mjs';

export const logsPath = '/v2/logs?period=1h&limit=100';

export function openLogs({ read, pace }) {
  let next = 0;
  const logs = {
    isDue: () => performance.now() >= next,

    /** Waits until the logs may be looked at. */
    rest: () => sleep(Math.max(0, next - performance.now())),

    /** Waits likewise, for a look that is made elsewhere. */
    async turn() {
      await logs.rest();
      next = performance.now() + pace.logsMs;
    },

    /** Looks once, in its turn, and resolves to the rows, the newest first. */
    async look() {
      await logs.turn();
      const reply = await read(logsPath);
      const { data, message } = objectOf(reply);
      if (reply.status === 200 && Array.isArray(data)) return data;
      const error = new Error(`the logs answered ${reply.status}${message ? `: ${message}` : ''}`);
      throw Object.assign(error, { isFinal: [401, 403, 404].includes(reply.status) });
    },

    /** Looks until `find` gives something for the rows; undefined where it never does. */
    async find(find) {
      const end = performance.now() + pace.logsForMs;
      for (;;) {
        const isLast = performance.now() + pace.logsMs > end;
        const found = await logs.look().then(find, (error) => {
          if (error.isFinal || isLast) throw error;
        });
        if (found || isLast) return found;
      }
    },
  };
  return logs;
}
