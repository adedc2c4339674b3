// The API key: where it comes from, where it may be sent, and that it appears nowhere else.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { engine } from './harness.mjs';
import { openWithFixtures } from './fixtures/open.mjs';

const key = 'demo-key';

/** By name: key functions that give no usable key. */
const failing = {
  throws: () => {
    throw Object.freeze({ why: 'locked' });
  },
  rejects: () => Promise.reject(Object.freeze({ why: 'locked' })),
  'gives an empty string': () => '',
  'gives nothing': () => {},
  'gives a number': async () => 5,
  'gives a String object': () => Object('demo-key'),
  'gives a key with a line break': () => 'demo-key\n',
  'gives letters that no header may hold': async () => 'schlüssel',
};

describe(`the key in ${engine}`, { timeout: 240_000 }, () => {
  let harness;
  let emulator;
  before(async () => {
    harness = await openWithFixtures({ speed: 400 });
    emulator = harness.emulator;
  });
  after(() => harness?.close());
  beforeEach(async () => {
    await emulator.reset();
    await harness.page.open();
    await harness.page.run(async (baseUrl) => {
      const { StableAudio, generateAudio } = await import('stable-audio-client');
      const fixtures = await import('/fixtures.js');
      Object.assign(window, { context: { StableAudio, generateAudio, fixtures, baseUrl } });
    }, emulator.url);
  });

  for (const [name, apiKey] of Object.entries({
    'a string': "'demo-key'",
    'a function': "() => 'demo-key'",
    'an async function': "async () => 'demo-key'",
    'a function that gives a thenable': "() => window.context.fixtures.thenable((resolve) => resolve('demo-key'))",
  })) {
    it(`the key may be ${name}`, async () => {
      await emulator.plan({ submit: [{ finish: true }] });
      const url = await harness.page.run(`async () => {
        const { StableAudio, baseUrl } = window.context;
        return new StableAudio({ apiKey: ${apiKey}, baseUrl }).generate('rain');
      }`);
      assert.match(url, /\.wav$/);
      const { requests } = await emulator.ledger();
      const keys = requests.filter(({ path, method }) => path.startsWith('/v2') && method !== 'OPTIONS');
      assert.ok(keys.length === 1 && keys.every((request) => request.key === 'demo'), JSON.stringify(keys));
    });
  }

  it('the key function is called before every request, with a signal', async () => {
    const asked = await harness.page.run(async () => {
      const { StableAudio, fixtures } = window.context;
      const asked = [];
      const { fetch, requests } = fixtures.service(['queued', 'completed']);
      const apiKey = ({ signal, afterUnauthorized, ...rest }) => {
        const known = signal instanceof AbortSignal && !signal.aborted;
        asked.push([known, afterUnauthorized, Object.keys(rest), requests.length]);
        return `key-${asked.length}`;
      };
      const client = new StableAudio({ apiKey, baseUrl: fixtures.serviceUrl, fetch });
      await client.generate('rain', { pollIntervalMs: 1000 });
      return { asked, keys: requests.map((request) => request.key) };
    });
    assert.deepEqual(asked, {
      asked: [0, 1, 2].map((before) => [true, false, [], before]),
      keys: ['Bearer key-1', 'Bearer key-2', 'Bearer key-3'],
    });
  });

  for (const kind of ['submit', 'poll']) {
    it(`the key function is called again after a 401 to a ${kind}, and the new key is used`, async () => {
      await emulator.plan({ [kind]: [{ status: 401 }] });
      const { asked, url } = await harness.page.run(async () => {
        const { StableAudio, baseUrl, fixtures } = window.context;
        const asked = [];
        const apiKey = ({ afterUnauthorized }) => {
          asked.push(afterUnauthorized);
          // The emulator refuses whatever the plan says, and takes no other key.
          return asked.includes(true) ? 'demo-key' : 'stale-key';
        };
        const fetch = fixtures.fetchWithKey(fixtures.key);
        const client = new StableAudio({ apiKey, baseUrl, fetch });
        return { url: await client.generate('rain', { pollIntervalMs: 1000 }), asked };
      });
      assert.match(url, /\.wav$/);
      assert.deepEqual([asked.filter(Boolean).length, asked.indexOf(true)], [1, kind === 'submit' ? 1 : 2]);
      assert.equal((await emulator.ledger()).generations.length, 1);
    });
  }

  it('a request is not sent again after a 401 if the key function gives the same key', async () => {
    await emulator.plan({ submit: [{ status: 401, times: 5 }], poll: [{ status: 401, times: 5 }] });
    const errors = await harness.page.run(async () => {
      const { StableAudio, baseUrl, fixtures } = window.context;
      const asked = [];
      const apiKey = async ({ afterUnauthorized }) => {
        asked.push(afterUnauthorized);
        return 'demo-key';
      };
      const client = new StableAudio({ apiKey, baseUrl });
      const ends = [await fixtures.settle(client.submit('rain')), await fixtures.settle(client.waitFor('id'))];
      return { asked, rejection: ends.map(({ rejection }) => rejection) };
    });
    assert.deepEqual(errors.asked, [false, true, false, true]);
    for (const { code, retryable } of errors.rejection) {
      assert.deepEqual({ code, retryable }, { code: 'unauthorized', retryable: false });
    }
    assert.equal(errors.rejection[1].generation.id, 'id');
    const { requests } = await emulator.ledger();
    assert.deepEqual(
      [
        requests.filter(({ method }) => method === 'POST').length,
        requests.filter(({ method }) => method === 'GET').length,
      ],
      [1, 1],
    );
  });

  it('a second 401 with a new key ends the call after two POSTs', async () => {
    const { rejection } = await harness.page.run(async () => {
      const { StableAudio, baseUrl, fixtures } = window.context;
      let count = 0;
      const { rejection } = await fixtures.settle(
        new StableAudio({ apiKey: () => `stale-${(count += 1)}`, baseUrl }).submit('rain'),
      );
      return { rejection };
    });
    assert.equal(rejection.code, 'unauthorized');
    const { requests } = await emulator.ledger();
    assert.equal(requests.filter(({ method }) => method === 'POST').length, 2);
  });

  for (const [name, apiKey] of Object.entries(failing)) {
    it(`a key function that ${name} fails the call before anything is sent`, async () => {
      const { rejection, cause } = await harness.page.run(`async () => {
        const { StableAudio, baseUrl, fixtures } = window.context;
        const client = new StableAudio({ apiKey: ${apiKey}, baseUrl });
        const { rejection, error } = await fixtures.settle(client.submit('rain'));
        return { rejection, cause: error?.cause?.why };
      }`);
      assert.deepEqual([rejection.code, rejection.retryable], ['credentials_failed', true], JSON.stringify(rejection));
      assert.equal(cause, /throws|rejects/.test(name) ? 'locked' : undefined);
      assert.ok(!rejection.message.includes(key) && !rejection.message.includes('schl'));
      assert.deepEqual((await emulator.ledger()).requests, []);
    });
  }

  it('a key function that fails before a poll fails the call with its generation', async () => {
    const rejection = await harness.page.run(async () => {
      const { StableAudio, baseUrl, fixtures } = window.context;
      let count = 0;
      const apiKey = () => ((count += 1) > 1 ? '' : fixtures.key);
      const { rejection } = await fixtures.settle(new StableAudio({ apiKey, baseUrl }).generate('rain'));
      return rejection;
    });
    const { generations } = await emulator.ledger();
    assert.deepEqual(
      [rejection.code, rejection.generation?.id, rejection.retryable],
      ['credentials_failed', generations[0].id, false],
    );
  });

  it('a key function that never settles is aborted at the deadline', async () => {
    const { rejection, aborted } = await harness.page.run(async () => {
      const { StableAudio, baseUrl, fixtures } = window.context;
      let given;
      const apiKey = ({ signal }) => {
        given = signal;
        return new Promise(() => {});
      };
      const { rejection } = await fixtures.settle(
        new StableAudio({ apiKey, baseUrl }).submit('rain', { timeoutMs: 100 }),
      );
      return { rejection, aborted: given.aborted };
    });
    assert.deepEqual([rejection.code, rejection.retryable, aborted], ['deadline', true, true]);
    assert.deepEqual((await emulator.ledger()).requests, []);
  });

  it('the key appears in no error, URL, snapshot or storage, whatever the service echoes', async () => {
    const echoes = [
      { status: 400, body: { message: `bad key ${key}`, requestId: key, error: { name: key, data: { kind: key } } } },
      { status: 401, body: { title: `Bearer ${key}`, detail: [{ msg: key }] } },
      {
        status: 403,
        body: `${key}`,
        headers: { 'x-inference-id': key, 'access-control-expose-headers': 'x-inference-id' },
      },
      { status: 404, body: { detail: key, requestId: key } },
      { status: 400, body: {}, headers: { 'x-inference-id': key, 'access-control-expose-headers': 'x-inference-id' } },
      { status: 500, body: { message: key } },
    ];
    await emulator.plan({
      submit: echoes,
      poll: [
        { body: { id: '{id}', status: `odd ${key}` }, times: 5 },
        { body: { id: '{id}', status: 'error', error: { message: `no ${key}`, name: key } } },
        ...echoes.slice(0, 3),
        {
          body: {
            id: '{id}',
            status: 'completed',
            audio_file: { url: 'https://a.test/b.wav', file_name: key, content_type: key },
          },
        },
      ],
    });
    const { all, stored } = await harness.page.run(async (count) => {
      const { StableAudio, baseUrl, fixtures } = window.context;
      const client = new StableAudio({ apiKey: fixtures.key, baseUrl });
      const logged = [];
      for (const level of ['log', 'info', 'warn', 'error', 'debug']) console[level] = (...words) => logged.push(words);
      // Everything about a value, its hidden properties and its stack too.
      const bare = (value, depth = 0) => {
        if (typeof value !== 'object' || !value || depth > 6) return String(value);
        const own = Reflect.ownKeys(value).map((name) => [String(name), bare(value[name], depth + 1)]);
        return [String(value), JSON.stringify(value), own];
      };
      const all = [];
      const note = async (call) => {
        const { value, error, rejection } = await fixtures.withTimeout(call);
        all.push([rejection?.code ?? value?.status ?? 'done', JSON.stringify(bare(error ?? value))]);
        return error?.generation ?? value;
      };
      for (let i = 0; i < count; i += 1) await note(client.submit('rain'));
      let generation = await note(client.submit('rain'));
      const { id } = generation;
      for (let i = 0; i < 5; i += 1) generation = await note(client.check(generation));
      for (let i = 0; i < 5; i += 1) await note(client.check(id));
      all.push(['log', JSON.stringify(logged)], ['text', document.documentElement.outerHTML]);
      const stored = [document.cookie, { ...localStorage }, { ...sessionStorage }, await indexedDB.databases()];
      return { all, stored: JSON.stringify(stored) };
    }, echoes.length);
    const codes = all.map(([code]) => code);
    for (const code of [
      'rejected',
      'unauthorized',
      'forbidden',
      'submit_unknown',
      'unknown_status',
      'generation_failed',
      'completed',
    ]) {
      assert.ok(codes.includes(code), `${code} is not among ${codes}`);
    }
    for (const [code, text] of all) assert.ok(!text.includes(key), `${code}: ${text}`);
    assert.ok(!stored.includes(key), stored);
    const { requests } = await emulator.ledger();
    for (const { path, query } of requests) assert.ok(!`${path}${query}`.includes(key), `${path}?${query}`);
  });
});
