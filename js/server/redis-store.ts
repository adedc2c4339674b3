import { SECOND, ignore } from './time.js';
import type { RedisLike, Store } from './types.js';

const reachKey = 'stable-audio:reach';
/** A driver may send a command again after a lost connection: it must not delete the next owner's. */
const deleteIfSame = "return redis.call('get',KEYS[1])==ARGV[1] and redis.call('del',KEYS[1]) or 0";

/**
 * Keeps outcomes in a Redis or Valkey that all processes share, by a connected client of node-redis
 * or ioredis: a process that dies loses nothing, and no other one sends its submit again. Needs SET,
 * GET, EVAL of one short script, INFO and TIME, on the primary; without INFO, or with a
 * `maxmemory-policy` other than `noeviction`, everything but its reach works.
 */
export function redisStore(client: RedisLike): Store {
  const run = async (...args: [string, ...string[]]) =>
    'call' in client ? client.call(...args) : client.sendCommand(args);
  const get = async (key: string) => {
    const value = await run('GET', key);
    return value === null || value === undefined ? undefined : String(value);
  };

  // A restored snapshot or a fail-over may have lost something, and each is another run of Redis.
  const reach = async () => {
    const info = String(await run('INFO'));
    const field = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];
    const id = field('run_id');
    if (!id || field('maxmemory_policy') !== 'noeviction') return 0;
    // Evictions of before the policy was set.
    const now = `${id} ${field('evicted_keys')} `;
    const [seconds] = (await run('TIME')) as [string];
    const began = await get(reachKey);
    // It may have begun at the very end of its second.
    if (began?.startsWith(now)) return Math.max(0, Number(seconds) - Number(began.slice(now.length)) - 1) * SECOND;
    await run('SET', reachKey, now + seconds);
    return 0;
  };

  let begun = false;
  return {
    async claim(key, value, ttlMs) {
      if (!begun) reach().catch(ignore);
      begun = true;
      if (await run('SET', key, value, 'PX', `${ttlMs}`, 'NX')) return undefined;
      const held = await get(key);
      if (held === undefined) throw new Error('deleted meanwhile');
      return held;
    },
    get,
    async set(key, value, ttlMs) {
      await run('SET', key, value, 'PX', `${ttlMs}`);
    },
    async delete(key, value) {
      await (value === undefined ? run('DEL', key) : run('EVAL', deleteIfSame, '1', key, value));
    },
    reach,
  };
}
