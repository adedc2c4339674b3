// The functions of the site: authorize, spend, the key for the service, onCall and waitUntil.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { endpoint, lookup, poll, submit, uuid } from './support/asking.mjs';
import { apiKey, openHandler } from './support/handler.mjs';
import { refusal } from './support/service.mjs';

describe('authorize', () => {
  for (const [name, given] of Object.entries({ nothing: undefined, null: null, false: false, 'an empty name': '' })) {
    it(`an authorize that returns ${name} rejects by 403`, async () => {
      for (const request of [submit({ key: uuid }), submit(), poll(), lookup({ key: uuid })]) {
        const { ask, service } = openHandler({ authorize: () => given });
        assert.equal((await ask(request)).status, 403);
        assert.deepEqual([service.submits.length, service.polls.length], [0, 0]);
      }
    });
  }

  it('an authorize that returns anything but a string rejects by 403', async () => {
    for (const given of [true, 7, { id: 'ada' }]) {
      const { ask, service } = openHandler({ authorize: () => given });
      assert.equal((await ask(submit())).status, 403);
      assert.equal(service.submits.length, 0);
    }
  });

  it('an authorize may return its own Response, even the same one twice', async () => {
    const no = Response.json({ why: 'log in' }, { status: 401, headers: { 'set-cookie': 'a=b' } });
    const { ask } = openHandler({ authorize: () => no });
    for (const request of [submit(), poll()]) {
      const { status, body, headers } = await ask(request);
      assert.deepEqual([status, body.why, headers.get('set-cookie')], [401, 'log in', 'a=b']);
      assert.equal(headers.get('cache-control'), 'no-store');
    }
  });

  it('an authorize may throw its own Response', async () => {
    const { ask } = openHandler({
      authorize() {
        throw new Response('later', { status: 429 });
      },
    });
    assert.equal((await ask(submit())).status, 429);
  });

  for (const status of [200, 204, 302, 407, 408, 421, 425]) {
    it(`an authorize that returns a ${status} rejects by 403, since a client would misread it`, async () => {
      const { ask } = openHandler({ authorize: () => new Response(null, { status }) });
      assert.equal((await ask(submit())).status, 403);
    });
  }

  it('authorize is called once for each request, after its body has been read', async () => {
    const bodies = [];
    const { ask } = openHandler({
      authorize(request) {
        bodies.push(request.bodyUsed);
        return 'ada';
      },
    });
    await ask(submit({ key: uuid }));
    await ask(submit({ key: uuid }));
    await ask(poll());
    await ask(new Request(endpoint, { method: 'OPTIONS' }));
    assert.deepEqual(bodies, [true, true, false]);
  });

  it('an authorize that throws is a 503 of the kind not_sent, and is reported', async (test) => {
    const reported = test.mock.method(console, 'error', () => {});
    const { ask, service } = openHandler({
      authorize() {
        throw new Error('no database');
      },
    });
    const { status, body, headers, text } = await ask(submit({ key: uuid }));
    assert.deepEqual([status, body.error.data.kind, headers.get('retry-after')], [503, 'not_sent', '2']);
    assert.doesNotMatch(text, /database/);
    assert.equal(service.submits.length, 0);
    assert.equal(reported.mock.calls[0].arguments[0].message, 'no database');
  });
});

describe('spend', () => {
  it('spend is called once for each submit that is sent to the service', async () => {
    const asked = [];
    const spend = (user, call) => asked.push([user, call.credits, call.idempotencyKey]) > 0;
    const { ask } = openHandler({ spend });
    await ask(submit({ key: 'one', body: { prompt: 'rain', steps: 1 } }));
    await ask(submit({ key: 'one', body: { prompt: 'rain', steps: 1 } }));
    await ask(submit({ body: { prompt: 'rain', steps: 2 }, user: 'bob' }));
    await ask(poll());
    await ask(lookup({ key: 'one' }));
    assert.deepEqual(asked, [
      ['ada', 252, 'one'],
      ['bob', 504, undefined],
    ]);
  });

  const refusals = {
    false: () => false,
    nothing: () => undefined,
    'what only looks like true': () => 1,
    'a redirect': () => Response.redirect('https://app.test/pay'),
    'what it throws': () => {
      throw new Error('no database');
    },
  };
  for (const [name, spend] of Object.entries(refusals)) {
    for (const key of [undefined, uuid]) {
      it(`spend rejects a submit ${key ? 'with' : 'without'} a key by ${name}: 403`, async (test) => {
        test.mock.method(console, 'error', () => {});
        const { ask, service, events } = openHandler({ spend });
        assert.equal((await ask(submit({ key }))).status, 403);
        assert.equal(service.submits.length, 0);
        assert.deepEqual([events[0].outcome, events[0].credits], ['refused', undefined]);
      });
    }
  }

  it('spend may reject by its own Response', async () => {
    for (const key of [undefined, uuid]) {
      const { ask } = openHandler({ spend: () => Response.json({ why: 'over budget' }, { status: 402 }) });
      const { status, body } = await ask(submit({ key }));
      assert.deepEqual([status, body.why], [402, 'over budget']);
    }
  });
});

describe('the key for the service', () => {
  const none = { absent: undefined, empty: '', 'two lines': 'a\nb', 'no ASCII': 'schlüssel' };
  for (const [name, key] of Object.entries(none)) {
    it(`a service key that is ${name} is a 503, and nothing is sent`, async (test) => {
      test.mock.method(console, 'error', () => {});
      const { ask, service } = openHandler({ apiKey: key });
      assert.equal((await ask(submit({ key: uuid }))).body.error.data.kind, 'not_sent');
      assert.equal((await ask(poll())).status, 503);
      assert.deepEqual([service.submits.length, service.polls.length], [0, 0]);
    });
  }

  it('a service key that cannot be obtained is a 503, and the client’s key stays free', async (test) => {
    test.mock.method(console, 'error', () => {});
    let vault = Promise.reject(new Error('vault'));
    const { ask, service } = openHandler({ apiKey: () => vault });
    assert.equal((await ask(submit({ key: uuid }))).status, 503);
    vault = Promise.resolve(apiKey);
    assert.equal((await ask(submit({ key: uuid }))).status, 201);
    assert.equal(service.submits.length, 1);
  });
});

describe('onCall', () => {
  it('onCall receives the outcome of each request, without key and prompt', async () => {
    const { ask, events } = openHandler();
    await ask(submit({ key: uuid, body: { prompt: 'rain', steps: 2 } }));
    await ask(submit({ key: uuid, body: { prompt: 'rain', steps: 2 } }));
    await ask(poll());
    await ask(lookup({ key: uuid }));
    await ask(submit({ body: {} }));
    const told = events.map(({ milliseconds, ...event }) => {
      assert.ok(milliseconds >= 0);
      return event;
    });
    assert.deepEqual(told, [
      { user: 'ada', kind: 'submit', status: 201, credits: 504, outcome: 'accepted' },
      { user: 'ada', kind: 'submit', status: 201, outcome: 'repeated' },
      { user: 'ada', kind: 'poll', status: 200 },
      { user: 'ada', kind: 'lookup', status: 200 },
      { kind: 'submit', status: 400, outcome: 'refused' },
    ]);
  });

  it('onCall receives no credits for what the service rejected', async () => {
    const { ask, events, service } = openHandler();
    service.replies.push(refusal(429));
    await ask(submit());
    const [{ status, outcome, credits }] = events;
    assert.deepEqual([status, outcome, credits], [429, 'refused', undefined]);
  });

  it('onCall receives the credits of an unknown outcome once', async () => {
    const { ask, events, service } = openHandler();
    service.replies.push(() => Promise.reject(new TypeError('fetch failed')));
    await ask(submit({ key: uuid }));
    await ask(submit({ key: uuid }));
    assert.deepEqual(
      events.map(({ outcome, credits }) => [outcome, credits]),
      [
        ['unknown', 25_200],
        ['unknown', undefined],
      ],
    );
  });

  it('an onCall that throws or rejects is reported, and does not change the response', async (test) => {
    const reported = test.mock.method(console, 'error', () => {});
    const failing = [
      () => {
        throw new Error('thrown');
      },
      () => Promise.reject(new Error('rejected')),
    ];
    for (const onCall of failing) assert.equal((await openHandler({ onCall }).ask(submit())).status, 201);
    await new Promise(setImmediate);
    assert.equal(reported.mock.callCount(), 2);
  });
});

describe('waitUntil', () => {
  it('waitUntil of any context argument keeps a submit alive after the page disconnects', async () => {
    for (const context of [[{ waitUntil }], [{ env: 1 }, { waitUntil }], [undefined, null, 'x', { waitUntil }]]) {
      kept.length = 0;
      await openHandler().ask(submit({ key: uuid }), ...context);
      assert.ok(kept.length > 0);
      await Promise.all(kept);
    }
  });

  it('waitUntil is called as a method, and may throw', async () => {
    const context = {
      waitUntil() {
        assert.equal(this, context);
        throw new Error('too late');
      },
    };
    assert.equal((await openHandler().ask(submit(), context)).status, 201);
  });

  const kept = [];
  function waitUntil(work) {
    kept.push(work);
  }
});
