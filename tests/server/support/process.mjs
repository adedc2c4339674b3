// A server of its own process, with what it keeps in Redis: `process.mjs REDIS DRIVER SERVICE`. Tells
// its parent where it is, and ends with it.

import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { serve } from 'srvx/node';
import { createHandler, redisStore } from 'stable-audio-client/server';

import { authorize } from './asking.mjs';

const [url, driver, baseUrl] = process.argv.slice(2);
const client = driver === 'ioredis' ? new Redis(url) : await createClient({ url }).connect();
const fetch = createHandler({
  apiKey: 'the-key-of-the-service',
  authorize,
  baseUrl,
  store: redisStore(client),
  recovery: 'logs',
});
const server = await serve({ fetch, port: 0, hostname: '127.0.0.1', silent: true, gracefulShutdown: false }).ready();
process.on('disconnect', () => process.exit());
process.send(server.url.replace(/\/$/, ''));
