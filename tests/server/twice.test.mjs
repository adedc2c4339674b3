// The sequences of events that pay twice in a careless design. The client keeps its contract: it sends again only
// after a `none` whose reach exceeds the age of its submit by 5 s.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { createHandler, memoryStore } from 'stable-audio-client/server';

import { authorize, lookup, read, submit, uuid } from './support/asking.mjs';
import { stopClocks } from './support/clock.mjs';
import { waitUntil } from '../support/wait-until.mjs';
import { accepted, held, lost, openService, refusal } from './support/service.mjs';

describe('sequences of events that pay twice in a careless design', () => {
  let clock;
  let service;
  beforeEach(() => {
    clock = stopClocks();
    service = openService();
  });
  afterEach(() => clock.restore());

  const start = (options) =>
    createHandler({ apiKey: 'the-key-of-the-service', authorize, fetch: service.fetch, ...options });
  const ask = async (handle, request) => read((await clock.settle(handle(request))).value);

  /** Whether a client may conclude that its submit, `ago` milliseconds old, never arrived. */
  const concludesNone = async (handle, ago, user) => {
    const { state, reach } = (await ask(handle, lookup({ key: uuid, user }))).body;
    return state === 'none' && reach >= ago + 5000;
  };

  it('one generation is paid for when the reply is lost and the process is restarted with an empty memory', async () => {
    const before = start({ store: memoryStore({ onlyProcess: true }) });
    await clock.advance(3_600_000);
    await ask(before, submit({ key: uuid }));
    const after = start({ store: memoryStore({ onlyProcess: true }) });
    const sentAt = Date.now();
    for (const pause of [1000, 60_000, 600_000]) {
      await clock.advance(pause);
      const ago = Date.now() - sentAt;
      assert.equal(await concludesNone(after, ago), false, `after ${ago} ms`);
    }
  });

  it('one generation is paid for when each of two processes has a memory of its own', async () => {
    const one = start();
    const two = start();
    await ask(two, lookup({ key: 'other' }));
    await clock.advance(3_600_000);
    await ask(one, submit({ key: uuid }));
    const { state, reach } = (await ask(two, lookup({ key: uuid }))).body;
    assert.deepEqual([state, reach], ['none', 0]);
    assert.equal(await concludesNone(two, 0), false);
  });

  it('one generation is paid for when another user has logged in between the submit and the look-up', async () => {
    const handle = start({ store: memoryStore({ onlyProcess: true }) });
    await ask(handle, lookup({ key: 'other' }));
    await clock.advance(3_600_000);
    service.replies.push(lost);
    await ask(handle, submit({ key: uuid, user: 'ada' }));
    assert.equal(await concludesNone(handle, 1000, 'bob'), false);
    assert.equal((await ask(handle, submit({ key: uuid, user: 'bob' }))).status, 502);
    assert.equal(service.charged, 1);
  });

  it('one generation is paid for when the look-up comes 25 hours later', async () => {
    const handle = start({ store: memoryStore({ onlyProcess: true }) });
    await clock.advance(3_600_000);
    await ask(handle, submit({ key: uuid }));
    await clock.advance(25 * 3_600_000);
    const { state, reach } = (await ask(handle, lookup({ key: uuid }))).body;
    assert.equal(state, 'none');
    assert.equal(reach, 24 * 3_600_000);
    assert.equal(await concludesNone(handle, 25 * 3_600_000), false);
  });

  it('one generation is paid for when the first submit arrives after its look-up said none, and the second one before it', async () => {
    const handle = start({ store: memoryStore({ onlyProcess: true }) });
    await ask(handle, lookup({ key: 'other' }));
    await clock.advance(3_600_000);
    assert.equal(await concludesNone(handle, 60_000), true);
    const second = await ask(handle, submit({ key: uuid }));
    const first = await ask(handle, submit({ key: uuid }));
    assert.equal(first.text, second.text);
    assert.equal(service.charged, 1);
  });

  it('one generation is paid for when the first submit arrives at the same time as the second', async () => {
    const handle = start();
    const both = [handle(submit({ key: uuid })), handle(submit({ key: uuid }))];
    const [one, two] = await Promise.all(both.map((answer) => ask(() => answer)));
    assert.equal(one.text, two.text);
    assert.equal(service.charged, 1);
  });

  it('one generation is paid for when a submit is tried again with the key of a failed generation', async () => {
    const handle = start();
    await ask(handle, submit({ key: uuid }));
    // That it fails is seen in a poll alone: the key stays with the generation.
    service.replies.push(() => Response.json({ id: 'generation-1', status: 'error', error: { message: 'no' } }));
    const again = await ask(handle, submit({ key: uuid }));
    assert.equal(again.body.id, 'generation-1');
    assert.equal(again.headers.get('idempotency-replayed'), 'true');
    assert.equal(service.submits.length, 1);
    assert.equal((await ask(handle, submit({ key: `${uuid}.2` }))).status, 200);
    assert.equal(service.submits.length, 2);
  });

  it('the quota is debited once, however often the submit is repeated', async () => {
    let debited = 0;
    const handle = start({ spend: () => (debited += 1) > 0 });
    const first = held();
    service.replies.push(first.reply);
    const answers = [handle(submit({ key: uuid }))];
    await waitUntil(() => service.submits.length);
    answers.push(handle(submit({ key: uuid })));
    first.answer();
    await Promise.all(answers.map((answer) => ask(() => answer)));
    await ask(handle, submit({ key: uuid }));
    assert.equal(debited, 1);
  });

  it('one generation is paid for when a slow process is presumed dead: it sends nothing later than 30 s after its claim', async (test) => {
    test.mock.method(console, 'error', () => {});
    const store = memoryStore({ onlyProcess: true });
    let wake;
    const asleep = new Promise((resolve) => {
      wake = resolve;
    });
    const answer = start({ store, spend: () => asleep })(submit({ key: uuid }));
    const other = start({ store });
    await waitUntil(async () => (await (await other(lookup({ key: uuid }))).json()).state === 'sending');
    clock.jump(31_000);
    wake(true);
    const { status, body } = await read(await answer);
    assert.deepEqual([status, body.error.data.kind], [503, 'not_sent']);
    assert.equal(service.submits.length, 0);
    // The key is free again, so what the client sends now is the first.
    assert.equal((await ask(other, submit({ key: uuid }))).status, 201);
    assert.equal(service.charged, 1);
  });

  it('one generation is paid for when a slow process is unknown to others after a minute, and responds after all', async () => {
    const store = memoryStore();
    const first = held();
    service.replies.push(first.reply);
    const answer = start({ store })(submit({ key: uuid }));
    await waitUntil(() => service.submits.length);
    await clock.advance(70_000);
    const other = start({ store });
    assert.equal((await ask(other, submit({ key: uuid }))).status, 502);
    first.answer();
    assert.equal((await ask(() => answer)).status, 201);
    assert.equal((await ask(other, lookup({ key: uuid }))).body.state, 'accepted');
    assert.equal(service.charged, 1);
  });

  it('one generation is paid for when spend takes longer than 30 s: nothing is ever sent', async (test) => {
    test.mock.method(console, 'error', () => {});
    const handle = start({ spend: () => new Promise(() => {}) });
    assert.equal((await ask(handle, submit({ key: uuid }))).status, 403);
    await clock.advance(120_000);
    assert.equal(service.submits.length, 0);
  });

  it('one generation is paid for when a submit with a waiting duplicate gets a 429: neither is sent again', async () => {
    const handle = start();
    const first = held();
    service.replies.push(first.reply);
    const answers = [handle(submit({ key: uuid }))];
    await waitUntil(() => service.submits.length);
    answers.push(handle(submit({ key: uuid })));
    await clock.advance(200);
    first.answer(await refusal(429)());
    for (const answer of answers) assert.equal((await ask(() => answer)).status, 429);
    await clock.advance(30_000);
    assert.equal(service.submits.length, 1);
  });

  it('one generation is paid for when the page disconnects during its submit: the outcome is kept', async () => {
    const gone = new AbortController();
    const first = held();
    service.replies.push(first.reply);
    const handle = start();
    const answer = handle(submit({ key: uuid, signal: gone.signal }));
    await waitUntil(() => service.submits.length);
    gone.abort();
    assert.equal(service.submits[0].init.signal.aborted, false);
    first.answer(accepted('late'));
    await ask(() => answer);
    assert.equal((await ask(handle, lookup({ key: uuid }))).body.reply.id, 'late');
  });
});
