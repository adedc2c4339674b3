// Empty stores for the rows of the state table, in any runtime.

import { memoryStore, redisStore } from 'stable-audio-client/server';

import { drivers } from './drivers.mjs';

/** Calls `use` with an empty store: in memory, or behind a URL by a driver. */
export async function withStore({ driver, url }, use) {
  if (!driver) return use(memoryStore({ onlyProcess: true }));
  const { client, run, close } = await drivers[driver](url);
  try {
    await run('FLUSHALL');
    return await use(redisStore(client));
  } finally {
    close();
  }
}
