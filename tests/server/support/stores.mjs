// The stores that every row of the state table is tried with.

import { memoryStore, redisStore } from 'stable-audio-client/server';

import { openRedis, redisMissing } from './redis.mjs';

/** `open` resolves to a function that gives an empty store, and one that ends what is behind it. */
export const stores = {
  memory: {
    skip: false,
    open: async () => ({ fresh: async () => memoryStore({ onlyProcess: true }), close: async () => {} }),
  },
  'Redis by node-redis': { skip: redisMissing, open: () => inRedis('nodeRedis') },
  'Redis by ioredis': { skip: redisMissing, open: () => inRedis('ioredis') },
};

async function inRedis(driver) {
  const redis = await openRedis();
  const client = await redis[driver]();
  const fresh = async () => {
    await (client.call ? client.call('FLUSHALL') : client.sendCommand(['FLUSHALL']));
    return redisStore(client);
  };
  return { fresh, close: redis.stop };
}
