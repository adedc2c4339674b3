// The server half as a program: `server.mjs SERVICE STORE AGE`. STORE is `memory` or the URL of a Redis. Its
// clocks are AGE milliseconds ahead of the creation of its store. Sends its URL to its parent process, and
// ends with it.

import { serve } from 'srvx/node';
import { createHandler, memoryStore, redisStore } from 'stable-audio-client/server';

import { demoKey } from '../../../tools/emulator.mjs';
import { lookup } from '../../server/support/asking.mjs';
import { drivers } from '../../server/support/drivers.mjs';

const [baseUrl, store, age] = process.argv.slice(2);

const fetch = createHandler({
  apiKey: demoKey,
  authorize: () => 'ada',
  baseUrl,
  recovery: 'logs',
  store: store === 'memory' ? memoryStore({ onlyProcess: true }) : redisStore((await drivers.ioredis(store)).client),
});

// A store begins with its first request.
await fetch(lookup({ key: 'first' }));
for (const clock of [Date, performance]) {
  const now = clock.now.bind(clock);
  clock.now = () => now() + Number(age);
}

const server = await serve({ fetch, port: 0, hostname: '127.0.0.1', silent: true, gracefulShutdown: false }).ready();
process.on('disconnect', () => process.exit());
process.send(server.url.replace(/\/$/, ''));
