// A server half with a store in Redis, as a program: `process.mjs REDIS DRIVER SERVICE`. Sends its URL to its
// parent process, follows its orders, and ends with it. Its time advances only when it is told to.

import { serve } from 'srvx/node';
import { createHandler, redisStore } from 'stable-audio-client/server';

import { authorize } from './asking.mjs';
import { stopClocks } from './clock.mjs';
import { drivers } from './drivers.mjs';

const [url, driver, baseUrl] = process.argv.slice(2);
const { client, run } = await drivers[driver](url);
const clock = stopClocks();
let asleep;
let wake;

const fetch = createHandler({
  apiKey: 'the-key-of-the-service',
  authorize,
  baseUrl,
  store: redisStore(client),
  recovery: 'logs',
  async spend(user) {
    await asleep;
    return Number(await run('INCR', `spent by ${user}`)) <= 3;
  },
});

const orders = {
  advance: (ms) => clock.advance(ms),
  /** Suspends submits after their claim and before anything is sent. */
  sleep() {
    asleep = new Promise((resolve) => {
      wake = resolve;
    });
  },
  /** Resumes them later, as if the process had been suspended. */
  wake(ms) {
    clock.jump(ms);
    wake(undefined);
  },
};

const server = await serve({ fetch, port: 0, hostname: '127.0.0.1', silent: true, gracefulShutdown: false }).ready();
process.on('disconnect', () => process.exit());
process.on('message', async ([order, value]) => {
  await orders[order](value);
  process.send('done');
});
process.send(server.url.replace(/\/$/, ''));
