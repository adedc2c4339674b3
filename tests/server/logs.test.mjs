// `recovery: 'logs'`: the outcome of a submit, from the logs of the service.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { createHandler, memoryStore } from 'stable-audio-client/server';

import { authorize, lookup, read, submit, uuid } from './support/asking.mjs';
import { stopClocks } from './support/clock.mjs';
import { waitUntil } from '../support/wait-until.mjs';
import { held, lost, openService, refusal, silent } from './support/service.mjs';

describe("recovery by the service's logs", () => {
  let clock;
  let service;
  let store;
  beforeEach(() => {
    clock = stopClocks();
    service = openService();
    store = memoryStore();
  });
  afterEach(() => clock.restore());

  const start = (options) =>
    createHandler({
      apiKey: 'the-key-of-the-service',
      authorize,
      fetch: service.fetch,
      store,
      recovery: 'logs',
      ...options,
    });
  const ask = async (handle, request) => read((await clock.settle(handle(request))).value);
  const look = async (handle, key = uuid) => (await ask(handle, lookup({ key }))).body;

  it("each submit with recovery: 'logs' has an id of its own, different from the client's key", async () => {
    const handle = start();
    await ask(handle, submit({ key: 'one', user: 'ada' }));
    await ask(handle, submit({ key: 'one', user: 'bob' }));
    const names = service.submits.map(({ headers }) => headers.get('x-client-request-id'));
    for (const name of names) assert.match(name, /^[\w.:-]{1,128}$/);
    assert.equal(new Set([...names, 'one']).size, 3);
  });

  it("without recovery: 'logs' no id is sent and no logs are read", async () => {
    service.replies.push(lost);
    const handle = start({ recovery: undefined });
    await ask(handle, submit({ key: uuid }));
    await look(handle);
    assert.equal(service.submits[0].headers.get('x-client-request-id'), null);
    assert.equal(service.logs.length, 0);
  });

  it('the logs show a submit whose process died, once it is a minute old', async () => {
    service.replies.push(held().reply);
    start()(submit({ key: uuid }));
    await waitUntil(() => service.submits.length);
    const other = start();
    assert.equal((await look(other)).state, 'sending');
    assert.equal(service.logs.length, 0);
    await clock.advance(60_000);
    const { state, reply } = await look(other);
    assert.deepEqual([state, reply.id], ['accepted', 'generation-1']);
    assert.equal(service.submits.length, 1);
  });

  it('a missing row in the logs proves nothing, and may appear later', async () => {
    service.replies.push(lost);
    const handle = start();
    await ask(handle, submit({ key: uuid }));
    const [found] = service.rows.splice(0);
    for (let minutes = 0; minutes < 10; minutes++) {
      assert.equal((await look(handle)).state, 'unknown');
      assert.equal((await ask(handle, submit({ key: uuid }))).status, 502);
      await clock.advance(60_000);
    }
    service.rows.push(found);
    assert.equal((await look(handle)).reply.id, 'generation-1');
    assert.equal(service.submits.length, 1);
  });

  it('the logs are read at most every 20 s, however many look-ups there are', async () => {
    const handle = start();
    for (const key of ['a', 'b', 'c']) {
      service.replies.push(lost);
      await ask(handle, submit({ key }));
    }
    service.rows.length = 0;
    await Promise.all(['a', 'b', 'c', 'a'].map((key) => handle(lookup({ key }))));
    assert.equal(service.logs.length, 1);
    await clock.advance(19_000);
    await look(handle, 'a');
    assert.equal(service.logs.length, 1);
    await clock.advance(1500);
    await look(handle, 'a');
    assert.equal(service.logs.length, 2);
  });

  it('no look-up waits for another one to read the logs', async () => {
    const handle = start();
    service.replies.push(lost);
    await ask(handle, submit({ key: uuid }));
    const answer = held();
    service.logsReply = () => answer.reply({ accept() {} });
    const first = handle(lookup({ key: uuid }));
    await waitUntil(() => service.logs.length);
    assert.equal((await read(await handle(lookup({ key: uuid })))).body.state, 'unknown');
    answer.answer(Response.json({ data: service.rows }));
    assert.equal((await read(await first)).body.state, 'accepted');
    assert.equal(service.logs.length, 1);
  });

  it('an hour of logs is read for a recent submit and a week for an older one, up to five pages', async () => {
    service.replies.push(lost);
    const handle = start();
    await ask(handle, submit({ key: uuid }));
    const [found] = service.rows.splice(0);
    service.rows.push(...Array.from({ length: 499 }, (_, n) => row(`other-${n}`, 'other')), found, row('x', 'y'));
    assert.equal((await look(handle)).reply.id, 'generation-1');
    const queries = service.logs.map(({ url }) => url.slice(url.indexOf('?')));
    assert.deepEqual(
      queries,
      [0, 100, 200, 300, 400].map((offset) => `?period=1h&limit=100&offset=${offset}`),
    );
    assert.equal(service.logs[0].headers.get('authorization'), 'Bearer the-key-of-the-service');

    service.replies.push(lost);
    await ask(handle, submit({ key: 'old' }));
    await clock.advance(4 * 3_600_000);
    await look(handle, 'old');
    assert.match(service.logs.at(-1).url, /period=7d/);
  });

  it('rows of the logs that are incomplete or of other requests are ignored', async () => {
    service.replies.push(lost);
    const handle = start();
    await ask(handle, submit({ key: uuid }));
    const [{ client_request_id: name }] = service.rows.splice(0);
    service.rows.push(row(name, null), row(name, ''), row(name, 7), row(null, 'x'), row('other', 'x'));
    assert.equal((await look(handle)).state, 'unknown');
  });

  const failures = {
    'a 401': refusal(401),
    'a 403': refusal(403),
    'a 404': refusal(404),
    'a 429': refusal(429),
    'a 500': refusal(500),
    'a page': () => new Response('<p>blocked</p>'),
    null: () => Response.json(null),
    'rows that are none': () => Response.json({ data: [null] }),
    'no rows': () => Response.json({}),
    'a network failure': () => Promise.reject(new TypeError('fetch failed')),
  };
  for (const [name, reply] of Object.entries(failures)) {
    it(`an outcome stays unknown if the logs answer with ${name}`, async () => {
      service.replies.push(lost);
      const handle = start();
      await ask(handle, submit({ key: uuid }));
      service.logsReply = reply;
      assert.equal((await look(handle)).state, 'unknown');
      assert.equal((await ask(handle, submit({ key: uuid }))).status, 502);
      service.logsReply = undefined;
      await clock.advance(20_000);
      assert.equal((await look(handle)).state, 'accepted');
      assert.equal(service.charged, 1);
    });
  }

  it('logs that do not respond delay a look-up by a few seconds at most', async () => {
    service.replies.push(lost);
    const handle = start();
    await ask(handle, submit({ key: uuid }));
    service.logsReply = ({ init }) => silent({ accept() {}, signal: init.signal });
    const begun = Date.now();
    assert.equal((await look(handle)).state, 'unknown');
    assert.ok(Date.now() - begun < 10_000);
  });

  it('another user is told nothing, and no logs are read for them', async () => {
    service.replies.push(lost);
    const handle = start();
    await ask(handle, submit({ key: uuid, user: 'ada' }));
    const { state, reply } = (await ask(handle, lookup({ key: uuid, user: 'bob' }))).body;
    assert.deepEqual([state, reply], ['unknown', undefined]);
    assert.equal(service.logs.length, 0);
  });

  it('a key that is not in the store is none, whatever is in the logs', async () => {
    service.rows.push(row(uuid, 'x'));
    assert.equal((await look(start())).state, 'none');
    assert.equal(service.logs.length, 0);
  });
});

function row(name, id) {
  return { status: 'succeeded', client_request_id: name, inference_id: id };
}
