// A Redis of the test's own: on a free port of 127.0.0.1, nothing on disk, gone with the test.

import { tmpdir } from 'node:os';

import { Redis } from 'ioredis';
import { createClient } from 'redis';

import { freePort } from '../../free-port.mjs';
import { redisAdvice, redisServer } from '../../../scripts/setup/redis.mjs';
import { endChild, startChild } from '../../browsers/harness/children.mjs';

/** For `skip`: what is missing, or false. Where everything must run, nothing is left out: it fails. */
export const redisMissing = redisServer() || process.env.CI ? false : redisAdvice;

/** Starts one; `flags` are further ones of its command line. */
export async function openRedis(...flags) {
  if (!redisServer()) throw new Error(redisAdvice);
  const port = await freePort();
  const own = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', tmpdir()];
  const child = startChild(redisServer(), [...own, ...flags].map(String), { stdio: ['ignore', 'pipe', 'inherit'] });
  await ready(child);
  const clients = [];
  const opened = (client, close) => {
    clients.push(close);
    return client;
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    async nodeRedis() {
      const client = createClient({ url: `redis://127.0.0.1:${port}` }).on('error', () => {});
      await client.connect();
      return opened(client, () => client.destroy());
    },
    async ioredis() {
      const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true }).on('error', () => {});
      await client.connect();
      return opened(client, () => client.disconnect());
    },
    async stop() {
      for (const close of clients) close();
      await endChild(child);
    },
  };
}

async function ready(child) {
  let output = '';
  for await (const chunk of child.stdout) {
    output += chunk;
    if (/ready to accept connections/i.test(output)) {
      child.stdout.resume();
      return;
    }
  }
  throw new Error(`Redis did not start:\n${output}`);
}
