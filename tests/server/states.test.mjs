// The state table: what a second submit and a look-up are answered in each state of a key.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { createHandler } from 'stable-audio-client/server';

import { authorize, lookup, read, submit, uuid } from './support/asking.mjs';
import { eventually, stopClocks } from './support/clock.mjs';
import { held, lost, openService, refusal, silent } from './support/service.mjs';
import { stores } from './support/stores.mjs';

for (const [name, { skip, open }] of Object.entries(stores)) {
  describe(`the states of a key, in ${name}`, { skip, timeout: 120_000 }, () => {
    let behind;
    let clock;
    let service;
    let store;
    before(async () => {
      behind = await open();
    });
    after(() => behind?.close());
    beforeEach(async () => {
      store = await behind.fresh();
      service = openService();
      clock = stopClocks();
    });
    afterEach(() => clock.restore());

    const handler = (options) =>
      createHandler({ apiKey: 'the-key-of-the-service', authorize, store, fetch: service.fetch, ...options });
    const ask = async (handle, request) => read((await clock.settle(handle(request))).value);
    const look = async (handle, key = uuid, user = 'ada') => (await ask(handle, lookup({ key, user }))).body;

    it('a key that nobody used is none', async () => {
      const { idempotencyKey, state, reply } = await look(handler());
      assert.deepEqual({ idempotencyKey, state, reply }, { idempotencyKey: uuid, state: 'none', reply: undefined });
    });

    describe('sending', () => {
      it('is what a look-up says while the service has not answered', async () => {
        const first = held();
        service.replies.push(first.reply);
        const handle = handler();
        const answer = handle(submit({ key: uuid }));
        await eventually(() => service.submits.length);
        assert.equal((await look(handle)).state, 'sending');
        first.answer();
        assert.equal((await ask(() => answer)).status, 201);
      });

      it('lets a second submit wait for the outcome of the first, and repeats it', async () => {
        const first = held();
        service.replies.push(first.reply);
        const handle = handler();
        const answers = [handle(submit({ key: uuid }))];
        await eventually(() => service.submits.length);
        answers.push(handle(submit({ key: uuid })));
        await clock.advance(3000);
        first.answer();
        const [one, two] = await Promise.all(answers.map((answer) => ask(() => answer)));
        assert.deepEqual([one.status, two.status], [201, 201]);
        assert.equal(two.text, one.text);
        assert.equal(one.headers.get('idempotency-replayed'), null);
        assert.equal(two.headers.get('idempotency-replayed'), 'true');
        assert.equal(service.submits.length, 1);
      });

      it('answers a second submit by 409 and Retry-After once it has waited 8 s', async () => {
        service.replies.push(held().reply);
        const handle = handler();
        handle(submit({ key: uuid }));
        await eventually(() => service.submits.length);
        const { value, ms } = await clock.settle(handle(submit({ key: uuid })));
        assert.equal(value.status, 409);
        assert.equal(value.headers.get('retry-after'), '2');
        assert.ok(ms >= 8000 && ms < 10_000, `after ${ms} ms`);
        assert.equal(service.submits.length, 1);
      });

      it('becomes unknown once it is a minute old: its process has died', async () => {
        service.replies.push(held().reply);
        handler()(submit({ key: uuid }));
        await eventually(() => service.submits.length);
        await clock.advance(60_000);
        const handle = handler();
        assert.equal((await look(handle)).state, 'unknown');
        const again = await ask(handle, submit({ key: uuid }));
        assert.equal(again.status, 502);
        assert.equal(again.body.error.data.kind, 'submit_unknown');
        assert.equal(service.submits.length, 1);
      });
    });

    describe('accepted', () => {
      it('gives a second submit the same status, body and id, marked as replayed', async () => {
        const handle = handler();
        const one = await ask(handle, submit({ key: uuid }));
        const two = await ask(handler(), submit({ key: uuid }));
        assert.deepEqual([two.status, two.text], [one.status, one.text]);
        assert.equal(two.headers.get('x-inference-id'), 'generation-1');
        assert.equal(two.headers.get('idempotency-replayed'), 'true');
        assert.equal(service.charged, 1);
      });

      it('gives a look-up the reply', async () => {
        const handle = handler();
        await ask(handle, submit({ key: uuid }));
        const { state, reply } = await look(handle);
        assert.equal(state, 'accepted');
        assert.deepEqual(reply, { id: 'generation-1', status: 'queued' });
      });

      it('is what a 2xx with an id in its header alone comes to, and the id is in the body then', async () => {
        service.replies.push(
          () => new Response('{"id": "gen', { status: 201, headers: { 'x-inference-id': 'from-header' } }),
        );
        const handle = handler();
        const one = await ask(handle, submit({ key: uuid }));
        assert.equal(one.body.id, 'from-header');
        assert.deepEqual((await look(handle)).reply, { id: 'from-header' });
        assert.equal((await ask(handle, submit({ key: uuid }))).text, one.text);
      });

      it('is what a reply with an id in its header comes to whose body never ends', async () => {
        const never = new ReadableStream({ pull: () => new Promise(() => {}) });
        service.replies.push(() => new Response(never, { headers: { 'x-inference-id': 'from-header' } }));
        const begun = Date.now();
        assert.equal((await ask(handler(), submit({ key: uuid }))).body.id, 'from-header');
        const ms = Date.now() - begun;
        assert.ok(ms >= 30_000 && ms < 33_000, `after ${ms} ms`);
      });

      it('is what a 204 with an id in its header comes to', async () => {
        service.replies.push(() => new Response(null, { status: 204, headers: { 'x-inference-id': 'from-header' } }));
        assert.equal((await ask(handler(), submit({ key: uuid }))).body.id, 'from-header');
      });

      it('is what the old name of the id comes to', async () => {
        service.replies.push(() => Response.json({ generation_id: 7 }));
        const handle = handler();
        await ask(handle, submit({ key: uuid }));
        assert.equal((await look(handle)).reply.id, '7');
      });

      it('holds for 24 h', async () => {
        const handle = handler();
        await ask(handle, submit({ key: uuid }));
        await clock.advance(86_000_000);
        assert.equal((await look(handle)).state, 'accepted');
      });
    });

    describe('refused', () => {
      for (const status of [400, 401, 402, 403, 404, 405, 410, 413, 415, 422, 429, 451]) {
        it(`by ${status}: it is passed on, and the key is free again`, async () => {
          service.replies.push(refusal(status, { 'retry-after': '3' }));
          const handle = handler();
          const one = await ask(handle, submit({ key: uuid }));
          assert.equal(one.status, status);
          assert.equal(one.body.message, `no: ${status}`);
          assert.equal(one.headers.get('retry-after'), '3');
          assert.equal((await look(handle)).state, 'none');
          assert.equal((await ask(handle, submit({ key: uuid }))).status, 201);
          assert.equal(service.charged, 1);
        });
      }

      for (const status of [301, 302, 304, 307, 308, 407, 421, 425]) {
        it(`by ${status}: it is answered as a 400, and the key is free again`, async () => {
          const location = status < 400 && status !== 304 ? { location: 'https://elsewhere.test/' } : {};
          service.replies.push(() => new Response(null, { status, headers: location }));
          const handle = handler();
          const one = await ask(handle, submit({ key: uuid }));
          assert.equal(one.status, 400);
          assert.equal((await look(handle)).state, 'none');
        });
      }

      it('is repeated to the duplicates that waited for it, and to no later submit', async () => {
        const first = held();
        service.replies.push(first.reply);
        const handle = handler();
        const answers = [handle(submit({ key: uuid }))];
        await eventually(() => service.submits.length);
        answers.push(handler()(submit({ key: uuid })));
        await clock.advance(500);
        first.answer(Response.json({ message: 'slower' }, { status: 429 }));
        const [one, two] = await Promise.all(answers.map((answer) => ask(() => answer)));
        assert.deepEqual([one.status, two.status], [429, 429]);
        assert.equal(one.text, two.text);
        assert.equal(service.submits.length, 1);
        assert.equal((await ask(handle, submit({ key: uuid }))).status, 201);
      });

      it('by spend: the key is free again', async () => {
        let allowed = false;
        const handle = handler({ spend: () => allowed });
        assert.equal((await ask(handle, submit({ key: uuid }))).status, 403);
        assert.equal((await look(handle)).state, 'none');
        allowed = true;
        assert.equal((await ask(handle, submit({ key: uuid }))).status, 201);
        assert.equal(service.submits.length, 1);
      });
    });

    describe('unknown', () => {
      const causes = {
        'a network failure': lost,
        'a 500': ({ accept }) => (accept(), refusal(500)()),
        'a 503': ({ accept }) => (accept(), refusal(503)()),
        'a 408': ({ accept }) => (accept(), refusal(408)()),
        'a 409': ({ accept }) => (accept(), refusal(409)()),
        'a 303': ({ accept }) => (accept(), new Response(null, { status: 303, headers: { location: '/' } })),
        'a 2xx without an id': ({ accept }) => (accept(), Response.json({ status: 'queued' })),
        'a 2xx that is no JSON': ({ accept }) => (accept(), new Response('<p>fine</p>')),
        'an empty 2xx': ({ accept }) => (accept(), new Response(null, { status: 204 })),
        'a reply whose body breaks off': ({ accept }) => (accept(), broken('{"id": "gener')),
        'no reply for 120 s': silent,
      };
      for (const [cause, reply] of Object.entries(causes)) {
        it(`by ${cause}: it is not sent again`, async () => {
          service.replies.push(reply);
          const handle = handler();
          const one = await ask(handle, submit({ key: uuid }));
          assert.equal(one.status, 502);
          assert.equal(one.body.error.data.kind, 'submit_unknown');
          assert.equal((await look(handle)).state, 'unknown');
          const again = await ask(handle, submit({ key: uuid }));
          assert.deepEqual([again.status, again.body.error.data.kind], [502, 'submit_unknown']);
          assert.equal(service.submits.length, 1);
        });
      }

      it('ends where the logs have the submit: a look-up says accepted, and a submit gets the id', async () => {
        service.replies.push(lost);
        const handle = handler({ recovery: 'logs' });
        assert.equal((await ask(handle, submit({ key: uuid }))).status, 502);
        const { state, reply } = await look(handle);
        assert.equal(state, 'accepted');
        assert.equal(reply.id, 'generation-1');
        const again = await ask(handler(), submit({ key: uuid }));
        assert.deepEqual([again.status, again.body.id], [200, 'generation-1']);
        assert.equal(again.headers.get('idempotency-replayed'), 'true');
        assert.equal(again.headers.get('x-inference-id'), 'generation-1');
        assert.equal(service.charged, 1);
      });

      it('is looked up by a repeated submit too', async () => {
        service.replies.push(lost);
        const handle = handler({ recovery: 'logs' });
        await ask(handle, submit({ key: uuid }));
        const again = await ask(handle, submit({ key: uuid }));
        assert.equal(again.body.id, 'generation-1');
        assert.equal(service.submits.length, 1);
      });
    });

    it('the same key with another request is a 422, and nothing is sent', async () => {
      const handle = handler();
      await ask(handle, submit({ key: uuid }));
      const other = await ask(handle, submit({ key: uuid, body: { prompt: 'snow' } }));
      assert.equal(other.status, 422);
      assert.equal(service.submits.length, 1);
    });

    it('a key that begins with a UUID is unknown to another user, whatever became of it', async () => {
      const key = `${uuid}.2`;
      const handle = handler();
      await ask(handle, submit({ key }));
      const { state, reply } = await look(handle, key, 'bob');
      assert.deepEqual([state, reply], ['unknown', undefined]);
      assert.equal((await ask(handle, submit({ key, user: 'bob' }))).status, 502);
      assert.equal(service.submits.length, 1);
      assert.equal((await look(handle, key)).state, 'accepted');
    });

    it('any other key is of each user alone', async () => {
      const handle = handler();
      await ask(handle, submit({ key: 'one' }));
      assert.equal((await look(handle, 'one', 'bob')).state, 'none');
      assert.equal((await ask(handle, submit({ key: 'one', user: 'bob' }))).body.id, 'generation-2');
      assert.equal(service.charged, 2);
    });
  });
}

function broken(text) {
  let sent = false;
  const body = new ReadableStream({
    pull(controller) {
      if (sent) return controller.error(new Error('reset'));
      sent = true;
      return controller.enqueue(new TextEncoder().encode(text));
    },
  });
  return new Response(body, { status: 201 });
}
