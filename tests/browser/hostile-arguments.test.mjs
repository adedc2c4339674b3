// Hostile arguments and snapshots: a call rejects with a clear error, or accepts what can be used.

import assert from 'node:assert/strict';
import { it } from 'node:test';

import { describeHostile } from './fixtures/hostile.mjs';

const counts = [-1, 1.5, '1', Number.MAX_SAFE_INTEGER, {}, true];
const amounts = ['1', -1, {}, true];

/** By field: values that make no sense in a snapshot, with what else it then says. */
const tampered = [
  ['id', ['', '  ', 5, null, {}, [], '\ud800']],
  ['status', ['done', '', 5, null, {}]],
  ['submittedAt', ['today', -1, {}, true]],
  ['polling', [5, 'x', [], true]],
  ...['checks', 'errors', 'notFound', 'unknownStatus', 'missingUrl'].map((field) => [field, counts]),
  ...['nextCheckAt', 'expectedAt', 'creditsUsed', 'usdSpent'].map((field) => [field, amounts]),
  ['error', [5, {}, []]],
  ['lastError', ['http', 5, [], {}, { code: 'odd' }, { code: 'http', httpStatus: 'many' }]],
  ['request', [5, [], {}, { prompt: ' ' }, { prompt: 'rain', steps: 0 }]],
  ['audio', [null, 5, {}, [], { url: 5 }, { url: '/a.wav' }, { url: 'javascript:alert(1)' }], { status: 'completed' }],
  [
    'audio',
    [
      { url: 'https://a.test/b', fileSize: 'big' },
      { url: 'https://a.test/b', fileName: 5 },
      { url: 'https://a.test/b', contentType: {} },
    ],
    { status: 'completed' },
  ],
];

describeHostile('hostile arguments', (harness) => {
  it('a value of the wrong type is an invalid argument, and nothing is sent', async () => {
    const { seen, sent } = await harness().page.run(async () => {
      const { StableAudio, generateAudio, fixtures } = window.context;
      const { key: apiKey, serviceUrl: baseUrl } = fixtures;
      const { fetch, requests } = fixtures.service();
      const seen = {};
      const note = async (name, call) => {
        const { rejection } = await fixtures.withTimeout(call());
        seen[name] = `${rejection?.code} ${rejection?.retryable}`;
      };
      const throwing = {
        get signal() {
          throw new Error('no');
        },
      };
      const wrong = { array: [], number: 5, text: 'x', yes: true, function: () => {}, symbol: Symbol('x'), bigint: 5n };
      const client = new StableAudio({ apiKey, baseUrl, fetch });
      const broken = { revoked: fixtures.revokedProxy(), throwing };
      const subjects = { generate: 'rain', submit: 'rain', check: 'id', waitFor: 'id', download: fixtures.audioUrl };
      for (const [method, subject] of Object.entries(subjects)) {
        for (const [name, value] of Object.entries({ ...wrong, ...broken })) {
          await note(`${method} with ${name} as options`, () => client[method](subject, value));
        }
        for (const [name, value] of Object.entries({ ...wrong, ...broken, nothing: undefined, null: null })) {
          if (name !== 'text') await note(`${method} of ${name}`, () => client[method](value));
        }
        for (const name of ['signal', 'timeoutMs']) {
          const value = fixtures.revokedProxy();
          await note(`${method} with a revoked ${name}`, () => client[method](subject, { [name]: value }));
        }
      }
      for (const [name, value] of Object.entries({ ...wrong, ...broken })) {
        await note(`a client of ${name}`, () => new StableAudio(value).generate('rain'));
      }
      for (const name of ['apiKey', 'baseUrl', 'fetch', 'maxConcurrent']) {
        const options = { apiKey, baseUrl, fetch, [name]: fixtures.revokedProxy() };
        await note(`a client with a revoked ${name}`, () => new StableAudio(options).generate('rain'));
      }
      for (const name of ['pollIntervalMs', 'onSubmitted', 'onStatus']) {
        const options = { apiKey, baseUrl, fetch, [name]: fixtures.revokedProxy() };
        await note(`a call with a revoked ${name}`, () => generateAudio('rain', options));
      }
      const real = new AbortController().signal;
      const signals = {
        'a proxy': new Proxy(real, {}),
        'one that refuses listeners': {
          addEventListener() {
            throw new Error('no');
          },
        },
        'one without listeners': { aborted: false },
      };
      for (const [name, signal] of Object.entries(signals)) {
        await note(`${name} as the signal, by a loaded module`, () => client.generate('rain', { signal }));
        const { StableAudio: Fresh } = await import(`/package/dist/index.js?${encodeURIComponent(name)}`);
        const fresh = new Fresh({ apiKey, baseUrl, fetch });
        await note(`${name} as the signal, by a fresh module`, () => fresh.generate('rain', { signal }));
      }
      await note('a revoked request', () => client.generate({ prompt: fixtures.revokedProxy() }));
      await note('a revoked number', () => client.generate({ prompt: 'x', steps: fixtures.revokedProxy() }));
      for (const name of ['id', 'status', 'polling', 'checks', 'request', 'lastError', 'audio']) {
        const polling = name === 'polling' ? fixtures.revokedProxy() : { [name]: fixtures.revokedProxy() };
        const status = name === 'audio' ? 'completed' : 'queued';
        const snapshot = { id: 'x', status, polling, [name]: fixtures.revokedProxy() };
        await note(`a snapshot with a revoked ${name}`, () => client.check(snapshot));
      }
      return { seen, sent: requests.length };
    });
    const others = Object.entries(seen).filter(([, end]) => end !== 'invalid_argument false');
    assert.deepEqual(others, []);
    assert.equal(sent, 0);
    assert.ok(Object.keys(seen).length > 100);
  });

  it('unusual but valid arguments are accepted', async () => {
    const seen = await harness().page.run(async () => {
      const { StableAudio, generateAudio, fixtures } = window.context;
      const { key: apiKey, serviceUrl: baseUrl } = fixtures;
      // Done at once, so that no call waits for its first poll.
      const done = (body, status) =>
        fixtures.reply({ ...body, status: 'completed', audio_file: { url: fixtures.audioUrl } }, status);
      const { fetch } = fixtures.service([], done);
      class Options {
        apiKey = apiKey;
        baseUrl = baseUrl;
        fetch = fetch;
      }
      const plain = { apiKey, baseUrl, fetch };
      const calls = {
        'a class instance': () => generateAudio('rain', new Options()),
        'a frozen object': () => generateAudio(Object.freeze({ prompt: 'rain' }), Object.freeze({ ...plain })),
        'a proxy': () => generateAudio(new Proxy({ prompt: 'rain' }, {}), new Proxy(plain, {})),
        'an object without prototype': () => generateAudio('rain', Object.assign(Object.create(null), plain)),
        'getters that work': () => {
          const own = { get: () => apiKey, enumerable: true };
          return generateAudio('rain', Object.defineProperty({ baseUrl, fetch }, 'apiKey', own));
        },
        nothing: () => new StableAudio(plain).generate('rain', null),
        'options changed afterwards': () => {
          const options = { ...plain };
          const client = new StableAudio(options);
          options.apiKey = '';
          return client.generate('rain');
        },
      };
      const seen = {};
      for (const [name, call] of Object.entries(calls))
        seen[name] = (await fixtures.withTimeout(call())).value ?? 'failed';
      return seen;
    });
    for (const [name, url] of Object.entries(seen)) assert.match(url, /track\.wav$/, name);
  });

  it('snapshots that are cloned, frozen or stringified can be resumed', async () => {
    const seen = await harness().page.run(async () => {
      const { StableAudio, fixtures } = window.context;
      const { fetch } = fixtures.service();
      const client = new StableAudio({ apiKey: fixtures.key, baseUrl: fixtures.serviceUrl, fetch });
      const snapshot = await client.submit('rain');
      const copies = {
        cloned: structuredClone(snapshot),
        stringified: JSON.parse(JSON.stringify(snapshot)),
        frozen: Object.freeze({ ...snapshot }),
        proxied: new Proxy({ ...snapshot }, {}),
        'of a later version': { ...snapshot, mood: { good: true } },
        'of which only the id is left': { id: snapshot.id, status: 'queued' },
      };
      const seen = {};
      for (const [name, copy] of Object.entries(copies)) {
        const before = JSON.stringify(copy);
        const { value, rejection } = await fixtures.withTimeout(client.check(copy));
        seen[name] = [value?.status ?? rejection.code, value !== copy && JSON.stringify(copy) === before];
      }
      const done = await client.check(snapshot);
      const same = (other) => JSON.stringify(other) === JSON.stringify(done);
      seen.itself = [done.status, same(structuredClone(done)) && same(await client.check(done))];
      return seen;
    });
    for (const [name, end] of Object.entries(seen)) assert.deepEqual(end, ['completed', true], name);
  });

  it('a snapshot with an invalid field is rejected by the name of the field, and nothing is sent', async () => {
    const { seen, sent } = await harness().page.run(async (tampered) => {
      const { StableAudio, fixtures } = window.context;
      const { fetch, requests } = fixtures.service();
      const client = new StableAudio({ apiKey: fixtures.key, baseUrl: fixtures.serviceUrl, fetch });
      const good = { id: 'x', status: 'queued', submittedAt: Date.now(), polling: {} };
      const polling = new Set(['checks', 'errors', 'notFound', 'unknownStatus', 'missingUrl', 'lastError']);
      const seen = [];
      for (const [field, values, more] of tampered) {
        const unsayable = field === 'id' || field === 'error' ? [] : [Number.NaN, Infinity, 5n, Symbol('x')];
        for (const value of [...values, ...unsayable]) {
          for (const method of ['check', 'waitFor']) {
            const changed = field in good || !polling.has(field) ? { [field]: value } : { polling: { [field]: value } };
            const call = client[method]({ ...good, ...more, ...changed }, { timeoutMs: 500 });
            const { rejection } = await fixtures.withTimeout(call);
            seen.push([field, String(JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? 'big' : v))), rejection]);
          }
        }
      }
      return { seen, sent: requests.length };
    }, tampered);
    const wrong = seen.filter(
      ([field, , rejection]) =>
        rejection?.code !== 'invalid_argument' ||
        !(field === 'request' ? /request|prompt|steps|seconds/ : new RegExp(field)).test(rejection.message),
    );
    assert.deepEqual(
      wrong.map(([field, value, rejection]) => `${field} ${value}: ${rejection?.code} ${rejection?.message}`),
      [],
    );
    assert.equal(sent, 0);
  });
});
