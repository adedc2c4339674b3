// A store that fails, hangs or answers twice never causes a second submit, and never withholds an id.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';

import { createHandler, memoryStore } from 'stable-audio-client/server';

import { authorize, lookup, poll, read, submit, uuid } from './support/asking.mjs';
import { stopClocks } from './support/clock.mjs';
import { waitUntil } from '../support/wait-until.mjs';
import { held, lost, openService, refusal } from './support/service.mjs';

describe('a store', () => {
  let clock;
  let service;
  let memory;
  beforeEach(() => {
    clock = stopClocks();
    mock.method(console, 'error', () => {});
    service = openService();
    memory = memoryStore({ onlyProcess: true });
  });
  afterEach(() => {
    mock.restoreAll();
    clock.restore();
  });

  const start = (store) =>
    createHandler({
      apiKey: 'the-key-of-the-service',
      authorize,
      fetch: service.fetch,
      store: { ...memory, ...store },
    });
  const ask = async (handle, request) => read((await clock.settle(handle(request))).value);
  const reachOf = async (reach) => (await ask(start({ reach }), lookup({ key: uuid }))).body.reach;
  const state = async (key = uuid) => (await ask(start(), lookup({ key }))).body.state;

  for (const [name, claim] of Object.entries({ fails, 'never answers': never })) {
    it(`a store whose claim ${name} lets nothing be sent: 503, not_sent`, async () => {
      const begun = Date.now();
      const { status, body, headers } = await ask(start({ claim }), submit({ key: uuid }));
      assert.deepEqual([status, body.error.data.kind, headers.get('retry-after')], [503, 'not_sent', '2']);
      assert.equal(service.submits.length, 0);
      assert.ok(Date.now() - begun <= 11_000);
      assert.equal(await state(), 'none');
    });
  }

  it('a store that throws synchronously is handled as one that fails', async () => {
    const { status } = await ask(start({ claim: throws, get: throws, reach: throws }), submit({ key: uuid }));
    assert.equal(status, 503);
  });

  it('a claim that was stored although it failed is undone, and the key is free', async () => {
    const failing = {
      async claim(...given) {
        await memory.claim(...given);
        throw new Error('reset');
      },
    };
    assert.equal((await ask(start(failing), submit({ key: uuid }))).status, 503);
    assert.equal(await state(), 'none');
    assert.equal((await ask(start(), submit({ key: uuid }))).status, 201);
    assert.equal(service.charged, 1);
  });

  it('a claim that is stored after its timeout is undone', async () => {
    let answer;
    const claim = async (...given) => {
      await new Promise((resolve) => {
        answer = resolve;
      });
      return memory.claim(...given);
    };
    assert.equal((await ask(start({ claim }), submit({ key: uuid }))).status, 503);
    answer();
    await clock.advance(1000);
    assert.equal(await state(), 'none');
  });

  it('a claim that fails does not undo the claim of another submit', async () => {
    const first = held();
    service.replies.push(first.reply);
    const answer = start()(submit({ key: uuid }));
    await waitUntil(() => service.submits.length);
    assert.equal((await ask(start({ claim: fails }), submit({ key: uuid }))).status, 503);
    assert.equal(await state(), 'sending');
    first.answer();
    await ask(() => answer);
    assert.equal(await state(), 'accepted');
    assert.equal(service.charged, 1);
  });

  it('a claim that a driver sent twice, and that returns its own value, counts as made', async () => {
    const twice = {
      async claim(key, value, ttlMs) {
        await memory.claim(key, value, ttlMs);
        return memory.claim(key, value, ttlMs);
      },
    };
    assert.equal((await ask(start(twice), submit({ key: uuid }))).status, 201);
    assert.equal(service.charged, 1);
  });

  for (const [name, set] of Object.entries({ fails, 'never answers': never })) {
    it(`a store whose set ${name} delays the id by 5 s at most, and the submit is not sent again`, async () => {
      const begun = Date.now();
      const { status, body } = await ask(start({ set }), submit({ key: uuid }));
      assert.deepEqual([status, body.id], [201, 'generation-1']);
      assert.ok(Date.now() - begun <= 6000);
      await clock.advance(60_000);
      assert.equal(await state(), 'unknown');
      assert.equal((await ask(start(), submit({ key: uuid }))).status, 502);
      assert.equal(service.charged, 1);
    });
  }

  it('a store that fails while a duplicate waits gives it a 409, not a 503', async () => {
    service.replies.push(held().reply);
    start()(submit({ key: uuid }));
    await waitUntil(() => service.submits.length);
    const { status } = await ask(start({ get: fails }), submit({ key: uuid }));
    assert.equal(status, 409);
    assert.equal(service.submits.length, 1);
  });

  it('a store that cannot delete passes on the rejection, and the key is not sent again', async () => {
    service.replies.push(refusal(429));
    assert.equal((await ask(start({ delete: fails }), submit({ key: uuid }))).status, 429);
    await clock.advance(60_000);
    assert.equal((await ask(start(), submit({ key: uuid }))).status, 502);
    assert.equal(service.submits.length, 1);
  });

  it('a store that fails at an unknown outcome does not change the response', async () => {
    service.replies.push(lost);
    const { status, body } = await ask(start({ set: fails }), submit({ key: uuid }));
    assert.deepEqual([status, body.error.data.kind], [502, 'submit_unknown']);
  });

  it('a look-up in a store that cannot be read is a 503, never none', async () => {
    for (const get of [fails, never]) {
      const { status, body } = await ask(start({ get }), lookup({ key: uuid }));
      assert.deepEqual([status, body.state], [503, undefined]);
    }
  });

  it('a look-up of a value that is no JSON is a 503, never none', async () => {
    const strange = { claim: async () => 'not JSON', get: async () => 'not JSON' };
    assert.equal((await ask(start(strange), lookup({ key: uuid }))).status, 503);
    assert.equal((await ask(start(strange), submit({ key: uuid }))).status, 503);
    assert.equal(service.submits.length, 0);
  });

  it('a store may give null for a missing value', async () => {
    const nothing = { claim: async (...given) => (await memory.claim(...given)) ?? null, get: async () => null };
    assert.equal((await ask(start(nothing), submit({ key: uuid }))).status, 201);
    assert.equal((await ask(start(nothing), lookup({ key: 'other' }))).body.state, 'none');
  });

  it('a store is not used for polls and submits without a key', async () => {
    const dead = { claim: fails, get: fails, set: fails, delete: fails };
    assert.equal((await ask(start(dead), poll())).status, 200);
    assert.equal((await ask(start(dead), submit())).status, 201);
  });

  describe('the reach of a store', () => {
    it('the reach is 0 if a store has none, fails, hangs, or gives no number', async () => {
      const none = [undefined, fails, never, () => NaN, () => undefined, () => '1e9x', () => -5, () => null];
      for (const reach of none) assert.equal(await reachOf(reach), 0);
    });

    it('the reach is 24 h at most', async () => {
      for (const reach of [() => 1e12, () => Infinity]) assert.equal(await reachOf(reach), 86_400_000);
    });

    it('the reach is read before the value', async () => {
      const order = [];
      const get = async (key) => {
        order.push('get');
        return memory.get(key);
      };
      const reach = async () => order.push('reach');
      await ask(start({ get, reach }), lookup({ key: uuid }));
      assert.deepEqual(order, ['reach', 'get']);
    });
  });
});

describe('memoryStore', () => {
  let clock;
  beforeEach(() => {
    clock = stopClocks();
  });
  afterEach(() => clock.restore());

  it('memoryStore claims a key once, gives its value, and forgets it after its time to live', async () => {
    const store = memoryStore();
    assert.equal(await store.claim('a', '1', 1000), undefined);
    assert.equal(await store.claim('a', '2', 1000), '1');
    await store.set('a', '3', 1000);
    assert.equal(await store.get('a'), '3');
    await clock.advance(1000);
    assert.equal(await store.get('a'), undefined);
    assert.equal(await store.claim('a', '4', 1000), undefined);
    await store.delete('a');
    assert.equal(await store.get('a'), undefined);
  });

  it('memoryStore has a reach only with onlyProcess, from its first use', async () => {
    assert.equal(memoryStore().reach(), 0);
    const store = memoryStore({ onlyProcess: true });
    await clock.advance(5000);
    assert.equal(store.reach(), 0);
    await clock.advance(5000);
    assert.equal(store.reach(), 5000);
  });

  it('memoryStore evicts the oldest beyond 100,000 entries, and its reach restarts', async () => {
    const store = memoryStore({ onlyProcess: true });
    store.reach();
    await clock.advance(10_000);
    for (let n = 0; n < 100_000; n++) await store.set(`${n}`, 'x', 86_400_000);
    assert.equal(store.reach(), 10_000);
    await store.claim('one more', 'x', 86_400_000);
    assert.equal(store.reach(), 0);
    assert.equal(await store.get('0'), undefined);
    assert.equal(await store.get('1'), 'x');
  });

  it('memoryStore evicts expired entries first', async () => {
    const store = memoryStore({ onlyProcess: true });
    store.reach();
    for (let n = 0; n < 100_000; n++) await store.set(`${n}`, 'x', 1000);
    await clock.advance(1000);
    await store.set('one more', 'x', 1000);
    assert.equal(store.reach(), 1000);
  });
});

async function fails() {
  throw new Error('no store');
}

function throws() {
  throw new Error('no store');
}

function never() {
  return new Promise(() => {});
}
