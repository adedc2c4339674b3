// What the handler checks before it calls the service: options, the shapes of requests, and limits.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { createHandler } from 'stable-audio-client/server';

import { capture } from '../../tools/run.mjs';
import { authorize, endpoint, lookup, poll, submit, uuid } from './support/asking.mjs';
import { stopClocks } from './support/clock.mjs';
import { apiKey, openHandler } from './support/handler.mjs';
import { openService } from './support/service.mjs';

it('importing the server half has no side effects, and needs no globals', async () => {
  const globals = ['fetch', 'Request', 'Response', 'Headers', 'URL', 'setTimeout', 'crypto', 'performance', 'Date'];
  const without = globals.map((name) => `delete globalThis.${name};`).join(' ');
  const server = import.meta.resolve('stable-audio-client/server');
  const text = `${without} const { createHandler } = await import('${server}'); console.log(typeof createHandler);`;
  const { code, output } = await capture(process.execPath, ['--input-type=module', '--eval', text]);
  assert.deepEqual([code, output.trim()], [0, 'function']);
});

describe('createHandler', () => {
  const wrong = {
    'no options': undefined,
    'no authorize': { apiKey },
    'an option of another name': { apiKey, authorize, authorise: authorize },
    'a limit of another name': { apiKey, authorize, limits: { step: 10 } },
    'a limit that is text': { apiKey, authorize, limits: { steps: '10' } },
    'a limit that is NaN': { apiKey, authorize, limits: { secondsTotal: Number.NaN } },
    'a limit of 0': { apiKey, authorize, limits: { steps: 0 } },
    'any origin': { apiKey, authorize, allowOrigins: ['*'] },
    'an origin with a path': { apiKey, authorize, allowOrigins: ['https://app.example/'] },
    'an origin in capitals': { apiKey, authorize, allowOrigins: ['https://App.example'] },
    'an origin with the default port': { apiKey, authorize, allowOrigins: ['https://app.example:443'] },
    'the origin of nobody': { apiKey, authorize, allowOrigins: ['null'] },
    'another recovery': { apiKey, authorize, recovery: 'server' },
    'a base URL without a scheme': { apiKey, authorize, baseUrl: 'localhost:8080' },
  };
  for (const [name, options] of Object.entries(wrong)) {
    it(`createHandler throws for ${name}`, () => {
      assert.throws(() => createHandler(options), TypeError);
    });
  }

  it('createHandler takes undefined for every optional option', async () => {
    const names = ['spend', 'limits', 'store', 'recovery', 'allowOrigins', 'baseUrl', 'onCall'];
    const absent = Object.fromEntries(names.map((name) => [name, undefined]));
    const { ask } = openHandler({ ...absent, limits: { steps: undefined } });
    assert.equal((await ask(submit())).status, 201);
  });

  it('createHandler takes the origins of pages and extensions', () => {
    const origins = ['https://app.example', 'http://localhost:8080', 'chrome-extension://abcdefghijklmnop'];
    createHandler({ apiKey, authorize, allowOrigins: origins });
  });

  it('createHandler calls the key function for each request only', async () => {
    const service = openService();
    let asked = 0;
    const key = () => {
      asked += 1;
      return apiKey;
    };
    const handle = createHandler({ apiKey: key, authorize, fetch: service.fetch });
    assert.equal(asked, 0);
    await handle(submit());
    await handle(poll());
    assert.equal(asked, 2);
    assert.equal(service.submits[0].headers.get('authorization'), `Bearer ${apiKey}`);
  });
});

describe('an invalid request', () => {
  const cases = [
    [404, 'a request for another path', new Request('https://app.test/v2/generate/audio/x')],
    [404, 'a request for another endpoint', new Request('https://app.test/v2/logs')],
    [404, 'a GET without an id', new Request(endpoint)],
    [404, 'a GET with an empty id', new Request(`${endpoint}?generation_id=`)],
    [404, 'a GET of both kinds', new Request(`${endpoint}?generation_id=1&idempotency_key=2`)],
    [405, 'a HEAD', new Request(`${endpoint}?generation_id=1`, { method: 'HEAD' })],
    [405, 'a DELETE', new Request(endpoint, { method: 'DELETE' })],
    [405, 'a PUT', new Request(endpoint, { method: 'PUT', body: '{}' })],
    [400, 'a look-up of an invalid key', lookup({ key: 'no key' })],
    [400, 'a look-up of an empty key', lookup({ key: '' })],
    [400, 'a submit with an invalid key', submit({ headers: { 'idempotency-key': '"no key"' } })],
    [400, 'a submit with an empty key', submit({ headers: { 'idempotency-key': '' } })],
    [400, 'a submit with a key too long', submit({ key: 'k'.repeat(129) })],
    [400, 'a submit with two keys', submit({ headers: { 'idempotency-key': '"a", "b"' } })],
    [415, 'a submit of a form', submit({ headers: { 'content-type': 'text/plain' } })],
    [415, 'a submit of a type with the same prefix', submit({ headers: { 'content-type': 'application/jsonp' } })],
    [400, 'a submit that is no JSON', submit({ body: '{' })],
    [400, 'a submit without a body', submit({ body: '' })],
    [400, 'a submit that is null', submit({ body: 'null' })],
    [400, 'a submit that is a list', submit({ body: '[]' })],
    [400, 'a submit of more than 16 KiB', submit({ body: `${JSON.stringify({ prompt: 'x' })}${' '.repeat(16_384)}` })],
    [400, 'a submit of another model', submit({ body: { model: 'elevenlabs/eleven_music', prompt: 'x' } })],
    [400, 'a submit with an unknown field', submit({ body: { prompt: 'x', seed: 1 } })],
    [400, 'a submit with a field by the name of __proto__', submit({ body: '{"prompt":"x","__proto__":{}}' })],
    [400, 'a submit without a prompt', submit({ body: {} })],
    [400, 'a submit with a blank prompt', submit({ body: { prompt: ' \n' } })],
    [400, 'a submit with half a surrogate pair', submit({ body: '{"prompt":"\\ud800"}' })],
    [400, 'a submit with a prompt too long', submit({ body: { prompt: 'x'.repeat(2001) } })],
    [400, 'a submit with too many steps', submit({ body: { prompt: 'x', steps: 101 } })],
    [400, 'a submit with no steps at all', submit({ body: { prompt: 'x', steps: 0 } })],
    [400, 'a submit with steps that are text', submit({ body: { prompt: 'x', steps: '10' } })],
    [400, 'a submit with steps that are null', submit({ body: { prompt: 'x', steps: null } })],
    [400, 'a submit with half a step', submit({ body: { prompt: 'x', steps: 1.5 } })],
    [400, 'a submit of 48 seconds', submit({ body: { prompt: 'x', seconds_total: 48 } })],
    [400, 'a submit that starts at 0', submit({ body: { prompt: 'x', seconds_start: 0 } })],
  ];
  for (const [status, name, request] of cases) {
    it(`${name} is answered by ${status} in the service's error format, and nothing is called or sent`, async () => {
      const { ask, calls, service } = openHandler();
      const { body, ...answer } = await ask(request);
      assert.equal(answer.status, status);
      assert.deepEqual([body.status, body.error.message], [status, body.message]);
      assert.deepEqual([calls.length, service.submits.length, service.polls.length], [0, 0, 0]);
    });
  }

  it('a body that does not arrive within 10 s is answered by 400', async () => {
    const clock = stopClocks();
    try {
      const { ask, service } = openHandler();
      const never = new ReadableStream({ pull: () => new Promise(() => {}) });
      const request = submit({ body: '', duplex: 'half' });
      const slow = new Request(endpoint, { method: 'POST', headers: request.headers, body: never, duplex: 'half' });
      const { value, ms } = await clock.settle(ask(slow));
      assert.equal(value.status, 400);
      assert.ok(ms >= 10_000 && ms < 12_000, `after ${ms} ms`);
      assert.equal(service.submits.length, 0);
    } finally {
      clock.restore();
    }
  });
});

describe('a submit', () => {
  it('a submit is sent with the model, the four fields, and nothing else', async () => {
    const { ask, service } = openHandler();
    const body = { seconds_total: 10, prompt: 'rain', steps: 20, seconds_start: 2 };
    await ask(submit({ body, headers: { cookie: 'session=1', authorization: 'Bearer of-the-app' } }));
    const [{ body: sent, headers, url }] = service.submits;
    assert.deepEqual(sent, { model: 'stable-audio', prompt: 'rain', seconds_start: 2, seconds_total: 10, steps: 20 });
    assert.equal(url, 'https://api.aimlapi.com/v2/generate/audio');
    assert.deepEqual([...headers.keys()].toSorted(), ['authorization', 'content-type']);
    assert.equal(headers.get('authorization'), `Bearer ${apiKey}`);
  });

  it('a submit is described to authorize and spend with its price', async () => {
    const { ask, calls } = openHandler();
    await ask(submit({ key: 'one', body: { prompt: 'rain', steps: 3 } }));
    assert.deepEqual(calls, [
      { kind: 'submit', request: { prompt: 'rain', steps: 3 }, credits: 756, idempotencyKey: 'one' },
    ]);
  });

  it('a submit without steps costs 100 steps, and is sent without them', async () => {
    const { ask, calls, service } = openHandler({ limits: { steps: 1000, secondsTotal: Infinity } });
    await ask(submit());
    assert.deepEqual(calls, [{ kind: 'submit', request: { prompt: 'rain' }, credits: 25_200 }]);
    assert.deepEqual(service.submits[0].body, { model: 'stable-audio', prompt: 'rain' });
  });

  it('a submit without steps or seconds is sent with the limits if they are lower than the defaults', async () => {
    const { ask, calls, service } = openHandler({ limits: { steps: 50, secondsTotal: 20, promptLength: 4 } });
    await ask(submit());
    assert.equal(calls[0].credits, 12_600);
    assert.deepEqual(service.submits[0].body, { model: 'stable-audio', prompt: 'rain', seconds_total: 20, steps: 50 });
    assert.equal((await ask(submit({ body: { prompt: 'x', steps: 51 } }))).status, 400);
    assert.equal((await ask(submit({ body: { prompt: 'x', seconds_total: 21 } }))).status, 400);
    assert.equal((await ask(submit({ body: { prompt: 'rains' } }))).status, 400);
  });

  it('a prompt may have 2,000 characters of any size in bytes', async () => {
    const { ask } = openHandler();
    assert.equal((await ask(submit({ body: { prompt: '🌧'.repeat(2000) } }))).status, 201);
  });

  it('a submit may omit the model, and its type may have a charset', async () => {
    const { ask, service } = openHandler();
    const headers = { 'content-type': 'Application/JSON; charset=utf-8' };
    assert.equal((await ask(submit({ body: '{"prompt":"rain"}', headers }))).status, 201);
    assert.equal(service.submits[0].body.model, 'stable-audio');
  });

  it('an idempotency key may have quotes or not', async () => {
    const { ask, service } = openHandler();
    await ask(submit({ key: uuid }));
    await ask(submit({ headers: { 'idempotency-key': uuid } }));
    assert.equal(service.submits.length, 1);
  });

  it('a submit uses the body that Express has parsed, up to 16 KiB', async () => {
    const { ask, service } = openHandler({ limits: { promptLength: 1e6 } });
    assert.equal((await ask(parsed({ model: 'stable-audio', prompt: 'rain' }))).status, 201);
    assert.equal(service.submits[0].body.prompt, 'rain');
    assert.equal((await ask(parsed({ prompt: 'x', seed: 1 }))).status, 400);
    assert.equal((await ask(parsed({ prompt: 'x'.repeat(16_000) }))).status, 201);
    assert.equal((await ask(parsed({ prompt: 'x'.repeat(17_000) }))).status, 400);
    assert.equal((await ask(parsed({ prompt: '🌧'.repeat(4200) }))).status, 400);
    assert.equal((await ask(parsed({}))).status, 400);
  });

  it('a submit is read as usual if Express has not parsed its body', async () => {
    const { ask } = openHandler();
    assert.equal((await ask(parsed({}, submit()))).status, 201);
  });

  it('a submit without a key is sent every time it arrives', async () => {
    const { ask, service } = openHandler();
    await ask(submit());
    await ask(submit());
    assert.equal(service.submits.length, 2);
  });
});

/** A request as srvx makes it from one whose body Express has parsed. */
function parsed(body, request = submit({ body: '' })) {
  return Object.assign(request, { runtime: { node: { req: { body } } } });
}
