// A store that outlives the process: what two processes, a killed one and a changed Redis come to.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { fileURLToPath } from 'node:url';

import { createHandler, redisStore } from 'stable-audio-client/server';

import { authorize, lookup, read, submit, uuid } from './support/asking.mjs';
import { eventually } from './support/clock.mjs';
import { openRedis, redisMissing } from './support/redis.mjs';

const minute = 60_000;

for (const driver of ['nodeRedis', 'ioredis']) {
  describe(`redisStore with ${driver}`, { skip: redisMissing, timeout: 60_000 }, () => {
    let redis;
    let client;
    let service;
    const children = [];
    before(async () => {
      redis = await openRedis();
      client = await redis[driver]();
    });
    after(() => redis?.stop());
    beforeEach(async () => {
      await run('FLUSHALL');
      service = await openSlowService();
    });
    afterEach(async () => {
      mock.restoreAll();
      for (const child of children.splice(0)) child.kill('SIGKILL');
      await service.close();
    });

    const run = (...args) => (client.call ? client.call(...args) : client.sendCommand(args));
    const own = (options) =>
      createHandler({
        apiKey: 'the-key-of-the-service',
        authorize,
        baseUrl: service.url,
        store: redisStore(client),
        ...options,
      });
    /** As if the first moment had been two hours ago. */
    const twoHoursPass = async () => {
      const [seconds] = await run('TIME');
      const moment = await run('GET', 'stable-audio:reach');
      await run('SET', 'stable-audio:reach', moment.replace(/\d+$/, String(Number(seconds) - 7200)));
    };
    const process = async () => {
      const file = fileURLToPath(new URL('support/process.mjs', import.meta.url));
      const child = fork(file, [redis.url, driver, service.url]);
      children.push(child);
      const [url] = await once(child, 'message');
      return {
        child,
        ask: async (request) => read(await fetch(new Request(request.url.replace(/^.*?(?=\/api)/, url), request))),
      };
    };

    it('of two processes with one key, one sends, and both answer the same', async () => {
      const [one, two] = await Promise.all([process(), process()]);
      const answers = [one.ask(submit({ key: uuid })), two.ask(submit({ key: uuid }))];
      await eventually(() => service.held.length);
      service.answer();
      const [first, second] = await Promise.all(answers);
      assert.deepEqual([first.status, first.text], [second.status, second.text]);
      assert.equal(first.status, 201);
      assert.equal(service.submits.length, 1);
    });

    it('a process that is killed before it answers, while the browser sends again: one submit', async () => {
      const [one, two] = await Promise.all([process(), process()]);
      const first = one.ask(submit({ key: uuid })).catch((error) => error);
      await eventually(() => service.held.length);
      one.child.kill('SIGKILL');
      assert.ok((await first) instanceof Error);
      // The browser sends the POST again by itself; the balancer gives it to the other process.
      assert.equal((await two.ask(submit({ key: uuid }))).status, 409);
      assert.equal(service.submits.length, 1);
    });

    it('a process that is killed between claim and outcome: unknown, never sent again, found by the logs', async () => {
      const one = await process();
      const first = one.ask(submit({ key: uuid })).catch((error) => error);
      await eventually(() => service.held.length);
      one.child.kill('SIGKILL');
      await first;
      const now = Date.now();
      mock.method(Date, 'now', () => now + minute + 1000);
      assert.equal((await ask(own(), lookup({ key: uuid }))).body.state, 'unknown');
      assert.equal((await ask(own(), submit({ key: uuid }))).body.error.data.kind, 'submit_unknown');
      assert.equal(service.submits.length, 1);
      const found = await ask(own({ recovery: 'logs' }), lookup({ key: uuid }));
      assert.deepEqual([found.body.state, found.body.reply.id], ['accepted', 'generation-1']);
      const again = await ask(own(), submit({ key: uuid }));
      assert.deepEqual([again.body.id, again.headers.get('idempotency-replayed')], ['generation-1', 'true']);
      assert.equal(service.submits.length, 1);
    });

    it('claims once, gives what is there, and sets a time to live', async () => {
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

    it("deletes what it was given alone: a delete that is sent twice leaves the next one's claim", async () => {
      const store = redisStore(client);
      await store.claim('a', 'mine', 5000);
      await store.delete('a', 'mine');
      await store.claim('a', 'of another', 5000);
      await store.delete('a', 'mine');
      assert.equal(await store.get('a'), 'of another');
      await store.delete('a');
      assert.equal(await store.get('a'), undefined);
    });

    describe('its reach', () => {
      it('begins with the first claim, and counts from then on', async () => {
        const store = redisStore(client);
        await store.claim('a', '1', 5000);
        await eventually(() => run('GET', 'stable-audio:reach'));
        assert.ok((await store.reach()) < 1000);
        await twoHoursPass();
        const reach = await redisStore(client).reach();
        assert.ok(Math.abs(reach - 2 * 3_600_000) <= 2000, `${reach} ms`);
        assert.ok(reach <= 2 * 3_600_000 + 1000);
      });

      it('lives for ever: no time to live', async () => {
        await redisStore(client).reach();
        assert.equal(Number(await run('PTTL', 'stable-audio:reach')), -1);
      });

      it('begins anew in another run of Redis, as after a snapshot restored or a fail-over', async () => {
        const store = redisStore(client);
        await store.reach();
        await twoHoursPass();
        const moment = await run('GET', 'stable-audio:reach');
        await run('SET', 'stable-audio:reach', moment.replace(/^\w+/, 'f'.repeat(40)));
        assert.equal(await store.reach(), 0);
        assert.ok((await store.reach()) < 3000);
      });

      it('begins anew after everything was flushed', async () => {
        const store = redisStore(client);
        await store.reach();
        await twoHoursPass();
        await run('FLUSHALL');
        assert.equal(await store.reach(), 0);
      });

      it('is 0 with a maxmemory-policy other than noeviction', async () => {
        const store = redisStore(client);
        await store.reach();
        await twoHoursPass();
        for (const policy of ['allkeys-lru', 'volatile-ttl']) {
          await run('CONFIG', 'SET', 'maxmemory-policy', policy);
          assert.equal(await store.reach(), 0);
        }
        await run('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
        assert.ok((await store.reach()) > 3_600_000);
      });

      it('begins anew where something was evicted before the policy was set', async () => {
        const small = await openRedis('--maxmemory', '3mb', '--maxmemory-policy', 'allkeys-lru');
        try {
          const there = await small[driver]();
          const send = (...args) => (there.call ? there.call(...args) : there.sendCommand(args));
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

      it('is 0 without INFO', async () => {
        await redisStore(client).reach();
        await twoHoursPass();
        const without = client.call
          ? { call: (name, ...args) => noInfo(name) || client.call(name, ...args) }
          : { sendCommand: ([name, ...args]) => noInfo(name) || client.sendCommand([name, ...args]) };
        const { status, body } = await ask(own({ store: redisStore(without) }), lookup({ key: uuid }));
        assert.deepEqual([status, body.state, body.reach], [200, 'none', 0]);
      });
    });

    it('without Redis a submit is not sent: 503, not_sent', async () => {
      mock.method(console, 'error', () => {});
      const dead = client.call
        ? { call: () => Promise.reject(new Error('closed')) }
        : { sendCommand: () => Promise.reject(new Error('closed')) };
      const { status, body } = await ask(own({ store: redisStore(dead) }), submit({ key: uuid }));
      assert.deepEqual([status, body.error.data.kind], [503, 'not_sent']);
      assert.equal(service.submits.length, 0);
    });
  });
}

async function ask(handle, request) {
  return read(await handle(request));
}

function noInfo(name) {
  return name === 'INFO' && Promise.reject(new Error('NOPERM'));
}

/** A service over HTTP that accepts each submit at once and answers it when told to; its logs know it. */
async function openSlowService() {
  const submits = [];
  const held = [];
  const server = createServer((request, response) => {
    request.resume();
    const json = (status, value) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    if (request.url.startsWith('/v2/logs')) return json(200, { data: submits });
    const id = `generation-${submits.length + 1}`;
    submits.push({ client_request_id: request.headers['x-client-request-id'], inference_id: id });
    return held.push(() => json(201, { id, status: 'queued' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    submits,
    held,
    answer: () => held.splice(0).forEach((answer) => answer()),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
