// A paid generation under every fault of a poll: it survives transient errors, it ends with a clear error
// after a permanent one, and its id is never lost.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { engine, openHarness } from './harness.mjs';

/**
 * By name: the fault of the first poll, and the code that `onStatus` receives. Engines retry below `fetch`
 * after a 408 on a connection that was used before (hence twice), and after a reset (hence the network error
 * here is a response without CORS headers).
 */
const transient = {
  'a network error': [{ html: true, status: 524, cors: false }, 'network'],
  'a 408': [{ status: 408, times: 2 }, 'http'],
  'a 425': [{ status: 425 }, 'http'],
  'a 429': [{ status: 429 }, 'rate_limited'],
  'a 500': [{ status: 500 }, 'http'],
  'a 502 page': [{ html: true, status: 502 }, 'http'],
  'a 503': [{ status: 503 }, 'http'],
  'a 504': [{ status: 504 }, 'http'],
  'a 524 page': [{ html: true, status: 524 }, 'http'],
  'a 403 page of a content network': [{ html: true, status: 403 }, 'http'],
  'a page instead of a reply': [{ html: true, status: 200 }, 'body'],
  'a reply cut in the middle': [{ truncate: 20 }, 'body'],
  'a reply that never ends': [{ endless: true }, 'body'],
  'a reply without a status': [{ body: { id: '{id}' } }, 'body'],
  'a 404': [{ status: 404 }, 'http'],
  'an unknown status': [{ status_word: 'pondering' }, undefined],
  'a completion without a URL': [{ complete_without_url: true }, undefined],
  'a completion with a URL that is none': [{ url: 'javascript:alert(1)' }, undefined],
};

/** By name: the faults of the polls, how many checks they take, and the error. */
const permanent = {
  'a 400 of the service': [[{ status: 400 }], 1, { code: 'rejected', httpStatus: 400 }],
  'a 401': [[{ status: 401 }], 1, { code: 'unauthorized', httpStatus: 401 }],
  'a 403 of the service': [[{ status: 403 }], 1, { httpStatus: 403 }],
  'a redirect': [[{ redirect: '/elsewhere' }], 1, { code: 'rejected' }],
  'four 404s': [[{ status: 404, times: 4 }], 4, { code: 'not_found', httpStatus: 404 }],
  'five unknown statuses': [[{ status_word: 'pondering', times: 5 }], 5, { code: 'unknown_status', says: /pondering/ }],
  'three completions without a URL': [
    [{ complete_without_url: true, times: 3 }],
    3,
    { code: 'bad_reply', again: 'bad_reply' },
  ],
  ...Object.fromEntries(
    ['null', 'string', 'name_message', 'message', 'detail_string', 'detail_list'].map((shape) => [
      `a failure with an error of the format ${shape}`,
      [[{ fail: shape }], 1, { code: 'generation_failed', again: 'generation_failed' }],
    ]),
  ),
};

describe(`polls in ${engine}`, { timeout: 240_000 }, () => {
  let harness;
  before(async () => (harness = await openHarness({ speed: 400 })));
  after(() => harness?.close());
  beforeEach(async () => {
    await harness.emulator.reset();
    await harness.page.open();
    await harness.page.run(async (baseUrl) => {
      const { StableAudio } = await import('stable-audio-client');
      window.client = new StableAudio({ apiKey: 'demo-key', baseUrl });
    }, harness.emulator.url);
  });

  for (const [name, [fault, code]] of Object.entries(transient)) {
    it(`polling continues after ${name}`, async () => {
      await harness.emulator.plan({ poll: [fault, { finish: true }] });
      const { url, seen } = await harness.page.run(async () => {
        const seen = [];
        const onStatus = ({ status, polling }) => seen.push({ status, polling });
        const url = await window.client.generate('rain', { pollIntervalMs: 1000, onStatus });
        return { url, seen };
      });
      assert.match(url, /\.wav$/);
      assert.equal(seen[0].polling.lastError?.code, code);
      assert.deepEqual(
        { status: seen.at(-1).status, errors: seen.at(-1).polling.errors },
        { status: 'completed', errors: 0 },
      );
      const { generations } = await harness.emulator.ledger();
      assert.equal(generations.length, 1);
    });
  }

  for (const [name, [poll, checks, { says, again, ...expected }]] of Object.entries(permanent)) {
    it(`polling ends after ${name}, and the generation can be resumed`, async () => {
      await harness.emulator.plan({ poll });
      const error = await harness.page.run(async (checks) => {
        let generation = await window.client.submit('rain');
        try {
          for (let i = 0; i < checks; i += 1) generation = await window.client.check(generation);
          return { resolved: generation };
        } catch (error) {
          return { ...error.toJSON(), checked: generation.polling.checks };
        }
      }, checks);
      assert.equal(error.checked, checks - 1, JSON.stringify(error));
      assert.deepEqual({ ...error, ...expected }, error);
      if (says) assert.match(error.message, says);
      const { generations, requests } = await harness.emulator.ledger();
      assert.equal(error.generation.id, generations[0].id);
      assert.equal(generations.length, 1);
      const polls = requests.filter(({ method }) => method === 'GET').length;
      assert.equal(polls, checks);
      const outcome = await harness.page.run(
        (generation) =>
          window.client.waitFor(generation, { pollIntervalMs: 1000 }).then(
            ({ generationId }) => generationId,
            ({ code }) => code,
          ),
        error.generation,
      );
      assert.equal(outcome, again ?? generations[0].id);
    });
  }

  it('a poll that is never answered is aborted at its deadline', async () => {
    await harness.emulator.plan({ poll: [{ hang: true }] });
    const error = await harness.page.run(async () => {
      const generation = await window.client.submit('rain');
      return window.client.check(generation, { timeoutMs: 500 }).catch((error) => error.toJSON());
    });
    assert.deepEqual({ code: error.code, retryable: error.retryable }, { code: 'deadline', retryable: true });
    for (let tries = 0; ; tries += 1) {
      const { requests } = await harness.emulator.ledger();
      if (requests.findLast(({ method }) => method === 'GET').aborted) break;
      assert.ok(tries < 100, 'the request was not aborted');
    }
  });

  it('polls share their preflights', async () => {
    await harness.page.run(async () => {
      let generation = await window.client.submit('rain');
      for (let count = 0; count < 8; count += 1)
        generation = await window.client.check({ ...generation, status: 'queued' });
    });
    const { preflights } = await harness.emulator.ledger();
    // Of the submit, of the first poll, and of the first that asks as the others do.
    const asked = Object.values(preflights).reduce((sum, count) => sum + count, 0);
    assert.ok(asked <= 3, JSON.stringify(preflights));
  });
});
