// The outcome of a submit under every fault, by the client's error and by the emulator's ledger.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { engine, openHarness } from './harness.mjs';
import { openEmulator } from '../support/emulator.mjs';

const refused = { charges: 0, posts: 1, retryable: false };
const unknown = { code: 'submit_unknown', posts: 1, retryable: false };

/** By name: the fault of the submit, and the expected error and ledger. */
const faults = {
  'a 400 with the service’s hints': [{ status: 400 }, { ...refused, code: 'rejected', httpStatus: 400 }],
  'a 401': [{ status: 401 }, { ...refused, code: 'unauthorized', httpStatus: 401 }],
  'a 403 for another reason': [
    { status: 403, body: { message: 'not for this key' } },
    { ...refused, code: 'forbidden', httpStatus: 403, says: /not for this key/ },
  ],
  'a 403 for want of funds': [
    { status: 403, body: { statusCode: 403, message: 'You are out of funds.' } },
    { ...refused, code: 'out_of_credits', httpStatus: 403 },
  ],
  'a 403 of a content network': [
    { html: true, status: 403 },
    { ...refused, code: 'forbidden', httpStatus: 403 },
  ],
  'a 404': [{ status: 404 }, { ...refused, code: 'rejected', httpStatus: 404 }],
  'a redirect': [{ redirect: '/elsewhere' }, { ...refused, code: 'rejected', says: /baseUrl/ }],
  'a 500 before acceptance': [{ status: 500 }, { ...unknown, charges: 0, httpStatus: 500 }],
  'a 500 after acceptance': [
    { status: 500, after_accept: true },
    { ...unknown, charges: 1, httpStatus: 500 },
  ],
  'a 502 page': [
    { html: true, status: 502 },
    { ...unknown, charges: 0, httpStatus: 502 },
  ],
  'a 503': [{ status: 503 }, { ...unknown, charges: 0, httpStatus: 503 }],
  'a 504': [{ status: 504 }, { ...unknown, charges: 0, httpStatus: 504 }],
  'a 524 after acceptance': [
    { html: true, status: 524, after_accept: true },
    { ...unknown, charges: 1, httpStatus: 524 },
  ],
  'a connection reset before acceptance': [{ reset: 'before' }, { ...unknown, charges: 0, fresh: true }],
  'a connection reset after acceptance': [{ reset: 'after' }, { ...unknown, charges: 1, fresh: true }],
  'a 408': [
    { status: 408, after_accept: true, headers: { connection: 'close' } },
    { ...unknown, charges: 1, httpStatus: 408, fresh: true },
  ],
  'a reply cut in the middle, without the id in its head': [
    { truncate: 20, headers: { 'x-inference-id': '' } },
    { ...unknown, charges: 1 },
  ],
  'a reply that never ends, without the id in its head': [
    { endless: true, after_accept: true, headers: { 'x-inference-id': '' } },
    { ...unknown, charges: 1 },
  ],
  'a reply that pages may not read': [{ cors: false }, { ...unknown, charges: 1 }],
  'no reply before the deadline': [
    { hang: true, after_accept: true },
    { ...unknown, charges: 1, timeoutMs: 1500 },
  ],
  'a page instead of a reply': [
    { html: true, status: 200, after_accept: true },
    { ...unknown, charges: 1, httpStatus: 200 },
  ],
  'an acceptance without any id': [
    {
      after_accept: true,
      body: { error: { message: 'the model is being updated' } },
      headers: { 'x-inference-id': '' },
    },
    { code: 'bad_reply', charges: 1, posts: 1, retryable: false, says: /the model is being updated/ },
  ],
};

/** By name: faults after which the call succeeds. */
const harmless = {
  'a 429 at first': [{ status: 429, times: 1 }],
  'an id under its first name': [{ after_accept: true, body: { generation_id: '{id}' } }],
  'a 200 instead of a 201': [{ status: 200 }],
  'a result in the submit’s own reply': [{ finish: true }],
  'a reply cut in the middle, with the id in its head': [{ truncate: 20 }],
  'a reply that never ends, with the id in its head': [{ endless: true, after_accept: true }],
  'an acceptance with the id in its head alone': [{ after_accept: true, body: { status: 'queued' } }],
};

describe(`a submit in ${engine}`, { timeout: 240_000 }, () => {
  let harness;
  let emulator;
  before(async () => (harness = await openHarness({ speed: 400 })));
  after(() => harness?.close());
  beforeEach(async () => {
    emulator = harness.emulator;
    await emulator.reset();
    await harness.page.open();
  });

  async function generate(options = {}) {
    return harness.page.run(
      async (baseUrl, given) => {
        const { generateAudio } = await import('stable-audio-client');
        window.fetches = 0;
        window.counted = (url, init) => {
          if (init.method === 'POST') window.fetches += 1;
          return fetch(url, init);
        };
        const options = { apiKey: 'demo-key', baseUrl, pollIntervalMs: 1000, fetch: window.counted, ...given };
        return generateAudio('rain on a tin roof', options);
      },
      emulator.url,
      options,
    );
  }

  // Engines retry a POST below `fetch` if a connection that was used before is reset. A new server that closes
  // the connection of the preflight leaves no such connection.
  async function withoutConnections(test) {
    emulator = await openEmulator({ speed: 400 });
    try {
      await emulator.plan({ preflight: [{ headers: { connection: 'close' } }] });
      await test();
    } finally {
      await emulator.stop();
    }
  }

  async function ledger() {
    const { generations, requests } = await emulator.ledger();
    const posts = requests.filter(({ method }) => method === 'POST');
    return { charges: generations.filter(({ charged }) => charged > 0).length, posts: posts.length, requests };
  }

  for (const [name, [fault, { timeoutMs, charges, posts, says, fresh, ...expected }]] of Object.entries(faults)) {
    const submitWithFault = async () => {
      await emulator.plan({ submit: [fault] });
      const error = await generate(timeoutMs ? { timeoutMs } : {}).then(
        (url) => assert.fail(`resolved to ${url}`),
        (error) => error,
      );
      const { code, retryable, httpStatus, message } = error;
      assert.deepEqual({ code, retryable }, { code: expected.code, retryable: expected.retryable }, message);
      if (expected.httpStatus) assert.equal(httpStatus, expected.httpStatus);
      if (says) assert.match(message, says);
      assert.ok(!JSON.stringify(error).includes('demo-key'), 'the key is on the error');
      const seen = await ledger();
      assert.deepEqual({ charges: seen.charges, posts: seen.posts }, { charges, posts });
    };
    it(`a submit with ${name} is ${expected.code}, charged ${charges} times, and never sent again`, () =>
      fresh ? withoutConnections(submitWithFault) : submitWithFault());
  }

  it('a submit is fetched once, whatever the engine retries on a connection that was used before', async () => {
    await generate();
    await emulator.plan({ submit: [{ reset: 'before' }] });
    await generate().catch(() => {});
    assert.equal(await harness.page.run(() => window.fetches), 1);
  });

  for (const [name, submit] of Object.entries(harmless)) {
    it(`a submit with ${name} succeeds, charged once`, async () => {
      await emulator.plan({ submit });
      assert.match(await generate(), /^http:.*\.wav$/);
      assert.equal((await ledger()).charges, 1);
    });
  }

  it('a submit needs a preflight for two headers only', async () => {
    await withoutConnections(async () => {
      await generate();
      const { requests } = await ledger();
      const asked = requests
        .filter(({ method }) => method === 'OPTIONS')
        .map((preflight) => preflight['access-control-request-headers'].toLowerCase().replaceAll(' ', ''));
      assert.deepEqual(
        [...new Set(asked)].filter((headers) => headers !== 'authorization'),
        ['authorization,content-type'],
      );
    });
  });
});
