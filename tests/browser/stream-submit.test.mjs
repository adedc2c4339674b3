// With `streamSubmit` no engine retries a submit by itself: one POST arrives, whatever happens to it. If a
// stream cannot be sent, the option has no effect.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { faults, timeoutFor } from './faults/faults.mjs';
import { openFaultyService } from './faults/open.mjs';
import { engine } from './harness.mjs';

const body = { model: 'stable-audio', prompt: 'rain on a tin roof' };
const statuses = [400, 411, 413, 415, 501];

/** The error of a fault of the only POST. */
const errorOf = ({ status }) => ({
  code: status === 421 ? 'rejected' : 'submit_unknown',
  ...(status && { httpStatus: status }),
});

/** Runs in the page: one submit; resolves to its id, or to what it was rejected with. */
async function submit(baseUrl, prompt, { injected, timeoutMs }) {
  const { StableAudio } = await import('stable-audio-client');
  const own = injected ? { fetch: (url, init) => fetch(url, init) } : {};
  const client = new StableAudio({ apiKey: 'demo-key', baseUrl, streamSubmit: true, ...own });
  try {
    const { id } = await client.submit(prompt, { timeoutMs });
    return { id };
  } catch (error) {
    // JSON drops fields that are undefined.
    return { code: error.code, httpStatus: error.httpStatus };
  }
}

/** Runs in the page: puts a service worker in control that answers every request of the page's. */
async function control() {
  await navigator.serviceWorker.register('/pass-through.js');
  if (navigator.serviceWorker.controller) return;
  await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
}

const passThrough = `
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  addEventListener('fetch', (event) => event.respondWith(fetch(event.request)));`;

describe(`a submit with streamSubmit in ${engine}`, { timeout: 240_000 }, () => {
  let setup;
  before(async () => (setup = await openFaultyService(engine)));
  after(() => setup?.close());

  /** Submits once; resolves to the outcome, and to which of the POSTs that arrived were streams. */
  async function send(protocol, fault, options = {}) {
    await setup.applyFault(protocol, fault);
    const given = { timeoutMs: 5000, ...options };
    const outcome = await setup.page.run(submit, setup.urls[protocol], body.prompt, given);
    const posts = setup.posts();
    for (const post of posts) assert.deepEqual(JSON.parse(post.body), body);
    return { outcome, streamed: posts.map(({ headers }) => headers['content-length'] === undefined) };
  }

  const accepted = { id: 'generation-1' };
  const buffered = { outcome: accepted, streamed: [false] };

  if (engine === 'chromium') {
    for (const protocol of ['http2', 'http3']) {
      it(`a streamed submit over ${protocol} is one POST`, async () => {
        assert.deepEqual(await send(protocol), { outcome: accepted, streamed: [true] });
      });
      for (const [name, fault] of Object.entries(faults[protocol])) {
        it(`a streamed submit over ${protocol} is one POST despite ${name}`, async () => {
          const sent = await send(protocol, fault, { timeoutMs: timeoutFor(name) });
          assert.deepEqual(sent, { outcome: errorOf(fault), streamed: [true] });
        });
      }
      for (const status of statuses) {
        it(`a streamed submit over ${protocol} is followed by a buffered one after a ${status}`, async () => {
          assert.deepEqual(await send(protocol, { status, times: 1 }), { outcome: accepted, streamed: [true, false] });
        });
      }
      it(`a streamed submit over ${protocol} is sent at most twice if both are answered by 400`, async () => {
        const expected = { outcome: { code: 'rejected', httpStatus: 400 }, streamed: [true, false] };
        assert.deepEqual(await send(protocol, { status: 400 }), expected);
      });
    }
  } else {
    it('a streamed submit over http3', { skip: `${engine} has no switch that makes it use HTTP/3` }, () => {});
    it('a submit over http2 is buffered, since this engine streams no request', async () =>
      assert.deepEqual(await send('http2'), buffered));
  }

  it('a submit over http1 is buffered, since no engine streams a request there', async () =>
    assert.deepEqual(await send('http1'), buffered));

  it('a submit over http1 is not sent again after a 400', async () => {
    const expected = { outcome: { code: 'rejected', httpStatus: 400 }, streamed: [false] };
    assert.deepEqual(await send('http1', { status: 400 }), expected);
  });

  it('a submit through an injected fetch is buffered', async () => {
    assert.deepEqual(await send('http2', undefined, { injected: true }), buffered);
  });

  it('a submit behind a service worker is buffered', async () => {
    setup.site.add('/pass-through.js', passThrough);
    await setup.page.run(control);
    for (const protocol of ['http1', 'http2']) assert.deepEqual(await send(protocol), buffered);
  });
});
