// redisStore in a Redis and a Valkey, by each driver.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';

import { createHandler, redisStore } from 'stable-audio-client/server';

import { authorize, lookup, read, submit, uuid } from './support/asking.mjs';
import { waitUntil } from '../support/wait-until.mjs';
import { drivers } from './support/drivers.mjs';
import { hoursPass, servers } from './support/redis.mjs';
import { openService } from './support/service.mjs';

for (const { name, skip, open } of servers) {
  for (const driver of Object.keys(drivers)) {
    describe(`redisStore in ${name} by ${driver}`, { skip, timeout: 60_000 }, () => storeTests(open, driver));
  }
}

function storeTests(open, driver) {
  let redis;
  let client;
  let run;
  before(async () => {
    redis = await open();
    ({ client, run } = await redis.connect(driver));
  });
  after(() => redis?.stop());
  beforeEach(() => run('FLUSHALL'));
  afterEach(() => mock.restoreAll());

  /** The same client, with the answer that `answer` gives, if any, instead of its own. */
  const but = (answer) => {
    const command = (...args) => answer(...args) || run(...args);
    return client.call ? { call: command } : { sendCommand: (args) => command(...args) };
  };

  it('redisStore claims a key once, gives its value, and sets a time to live', async () => {
    const store = redisStore(client);
    assert.equal(await store.claim('a', '1', 5000), undefined);
    assert.equal(await store.claim('a', '2', 5000), '1');
    assert.equal(await store.get('a'), '1');
    await store.set('a', '3', 50_000);
    assert.equal(await store.get('a'), '3');
    const ttl = Number(await run('PTTL', 'a'));
    assert.ok(ttl > 40_000 && ttl <= 50_000, `${ttl} ms`);
    assert.equal(await store.get('b'), undefined);
  });

  it('redisStore deletes only the given value, so that a repeated delete leaves the next claim', async () => {
    const store = redisStore(client);
    await store.claim('a', 'mine', 5000);
    await store.delete('a', 'mine');
    await store.claim('a', 'of another', 5000);
    await store.delete('a', 'mine');
    assert.equal(await store.get('a'), 'of another');
    await store.delete('a');
    assert.equal(await store.get('a'), undefined);
  });

  describe('the reach of redisStore', () => {
    it('the reach of redisStore starts with the first claim', async () => {
      const store = redisStore(client);
      await store.claim('a', '1', 5000);
      await waitUntil(() => run('GET', 'stable-audio:reach'));
      assert.ok((await store.reach()) < 1000);
      await hoursPass(run, 2);
      const reach = await redisStore(client).reach();
      assert.ok(Math.abs(reach - 2 * 3_600_000) <= 2000, `${reach} ms`);
      assert.ok(reach <= 2 * 3_600_000 + 1000);
    });

    it('the reach of redisStore has no time to live', async () => {
      await redisStore(client).reach();
      assert.equal(Number(await run('PTTL', 'stable-audio:reach')), -1);
    });

    it('the reach of redisStore restarts with another run of Redis, as after a restore or a failover', async () => {
      const store = redisStore(client);
      await store.reach();
      await hoursPass(run, 2);
      const moment = await run('GET', 'stable-audio:reach');
      await run('SET', 'stable-audio:reach', moment.replace(/^\w+/, 'f'.repeat(40)));
      assert.equal(await store.reach(), 0);
      assert.ok((await store.reach()) < 3000);
    });

    it('the reach of redisStore restarts after a flush', async () => {
      const store = redisStore(client);
      await store.reach();
      await hoursPass(run, 2);
      await run('FLUSHALL');
      assert.equal(await store.reach(), 0);
    });

    it('the reach of redisStore is 0 with a maxmemory-policy other than noeviction', async () => {
      const store = redisStore(client);
      await store.reach();
      await hoursPass(run, 2);
      for (const policy of ['allkeys-lru', 'volatile-ttl']) {
        await run('CONFIG', 'SET', 'maxmemory-policy', policy);
        assert.equal(await store.reach(), 0);
      }
      await run('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      assert.ok((await store.reach()) > 3_600_000);
    });

    it('the reach of redisStore restarts if something was evicted before the policy was set', async () => {
      const small = await open('--maxmemory', '3mb', '--maxmemory-policy', 'allkeys-lru');
      try {
        const { client: there, run: send } = await small.connect(driver);
        await send('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
        const store = redisStore(there);
        await store.reach();
        const moment = await send('GET', 'stable-audio:reach');
        await send('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
        for (let n = 0; n < 200; n++) await send('SET', `filler-${n}`, 'x'.repeat(20_000));
        await send('CONFIG', 'SET', 'maxmemory', '0');
        await send('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
        await send('SET', 'stable-audio:reach', moment.replace(/\d+$/, '1000'));
        assert.equal(await store.reach(), 0);
      } finally {
        await small.stop();
      }
    });

    it('the reach of redisStore is 0 without INFO', async () => {
      await redisStore(client).reach();
      await hoursPass(run, 2);
      const store = redisStore(but((command) => command === 'INFO' && Promise.reject(new Error('NOPERM'))));
      const { status, body } = await ask(store, lookup({ key: uuid }));
      assert.deepEqual([status, body.state, body.reach], [200, 'none', 0]);
    });
  });

  it('a submit is not sent if Redis is unavailable: 503, not_sent', async () => {
    mock.method(console, 'error', () => {});
    const dead = redisStore(but(() => Promise.reject(new Error('closed'))));
    const service = openService();
    const { status, body } = await ask(dead, submit({ key: uuid }), service);
    assert.deepEqual([status, body.error.data.kind], [503, 'not_sent']);
    assert.equal(service.submits.length, 0);
  });
}

async function ask(store, request, { fetch } = openService()) {
  const handle = createHandler({ apiKey: 'the-key-of-the-service', authorize, fetch, store });
  return read(await handle(request));
}
