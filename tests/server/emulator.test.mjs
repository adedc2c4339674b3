// The client, the handler and the emulator: the emulator's ledger tells what was charged.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { serve } from 'srvx/node';
import { StableAudio } from 'stable-audio-client';
import { createHandler, memoryStore } from 'stable-audio-client/server';

import { demoKey } from '../../tools/emulator.mjs';
import { openEmulator } from '../support/emulator.mjs';
import { uuid } from './support/asking.mjs';
import { waitUntil } from '../support/wait-until.mjs';

describe('the handler in front of the emulator', { timeout: 60_000 }, () => {
  let emulator;
  let server;
  let events;
  before(async () => {
    emulator = await openEmulator({ speed: 600 });
  });
  after(() => emulator?.stop());
  beforeEach(async () => {
    await emulator.reset();
    events = [];
    server = await start();
  });
  afterEach(() => server.close());

  const start = async (options) => {
    const handle = createHandler({
      apiKey: demoKey,
      authorize: () => 'ada',
      baseUrl: emulator.url,
      onCall: (event) => events.push(event),
      ...options,
    });
    const started = await serve({
      fetch: handle,
      port: 0,
      hostname: '127.0.0.1',
      silent: true,
      gracefulShutdown: false,
    }).ready();
    return { url: started.url.replace(/\/$/, ''), close: () => started.close(true) };
  };
  const endpoint = () => `${server.url}/api/v2/generate/audio`;
  const submit = (key = uuid) =>
    fetch(endpoint(), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': `"${key}"` },
      body: JSON.stringify({ model: 'stable-audio', prompt: 'rain', steps: 1 }),
    });
  const look = async (key = uuid) => (await fetch(`${endpoint()}?idempotency_key=${key}`)).json();
  const charged = async () => {
    const { generations, requests } = await emulator.ledger();
    const submits = requests.filter(({ method }) => method === 'POST').length;
    return { generations: generations.length, submits };
  };

  it('a client generates through the handler without a key of its own', async () => {
    const client = new StableAudio({ baseUrl: `${server.url}/api` });
    const url = await client.generate({ prompt: 'rain', steps: 10 }, { pollIntervalMs: 1000 });
    assert.match(url, /^http/);
    const { generations } = await emulator.ledger();
    assert.deepEqual(
      generations.map(({ prompt, steps, charged }) => [prompt, steps, charged]),
      [['rain', 10, 2520]],
    );
    assert.deepEqual([events[0].outcome, events[0].credits], ['accepted', 2520]);
  });

  it('a client of the handler gets its usual errors for what the handler rejects', async () => {
    await server.close();
    server = await start({ limits: { steps: 5 } });
    const client = new StableAudio({ baseUrl: `${server.url}/api` });
    await assert.rejects(client.generate({ prompt: 'rain', steps: 10 }), { code: 'rejected', httpStatus: 400 });
    assert.deepEqual(await charged(), { generations: 0, submits: 0 });
  });

  it('polls through the handler survive error pages, redirects and resets in front of the service', async () => {
    await emulator.plan({ poll: [{ html: true, status: 403 }, { redirect: 'https://x.test' }, { reset: 'after' }] });
    const client = new StableAudio({ baseUrl: `${server.url}/api` });
    assert.match(
      await client.generate({ prompt: 'rain', steps: 10 }, { pollIntervalMs: 1000, timeoutMs: 30_000 }),
      /^http/,
    );
  });

  const faults = {
    'a reset after acceptance': { reset: 'after' },
    'a 500 after acceptance': { status: 500, after_accept: true },
    'an error page after acceptance': { status: 524, html: true, after_accept: true },
    'a 408 after acceptance': { status: 408, after_accept: true },
    'a reply that breaks off': { truncate: 5 },
  };
  for (const [name, fault] of Object.entries(faults)) {
    it(`a submit with ${name} is charged once, however often it is repeated`, async () => {
      await emulator.plan({ submit: [fault] });
      const answers = await Promise.all([submit(), submit(), submit()]);
      for (const answer of answers) assert.ok([200, 201, 502].includes(answer.status), `${answer.status}`);
      await submit();
      assert.deepEqual(await charged(), { generations: 1, submits: 1 });
      assert.notEqual((await look()).state, 'none');
    });
  }

  for (const [name, fault] of Object.entries({
    'a 429': { status: 429 },
    'a 403 page of a CDN': { status: 403, html: true },
    'a redirect': { redirect: 'https://x.test/' },
  })) {
    it(`a submit with ${name} is not charged, and its key can be used again`, async () => {
      await emulator.plan({ submit: [fault] });
      const { status } = await submit();
      assert.ok(status >= 400 && status < 500);
      assert.equal((await look()).state, 'none');
      assert.equal((await submit()).status, 201);
      assert.deepEqual((await charged()).generations, 1);
    });
  }

  it('an unknown outcome is found in the logs once the generation has ended', async () => {
    await server.close();
    server = await start({ recovery: 'logs' });
    await emulator.plan({ submit: [{ reset: 'after' }] });
    assert.equal((await submit()).status, 502);
    await waitUntil(async () => (await emulator.ledger()).generations.every(({ status }) => status === 'completed'));
    const { state, reply } = await look();
    assert.equal(state, 'accepted');
    const { url } = await new StableAudio({ baseUrl: `${server.url}/api` }).waitFor(reply.id);
    assert.match(url, /^http/);
    assert.equal((await (await submit()).json()).id, reply.id);
    assert.deepEqual(await charged(), { generations: 1, submits: 1 });
  });

  it('a key that may not read the logs leaves an outcome unknown', async () => {
    await server.close();
    server = await start({ recovery: 'logs' });
    await emulator.plan({ submit: [{ reset: 'after' }], logs: [{ status: 403 }] });
    await submit();
    assert.equal((await look()).state, 'unknown');
    assert.equal((await submit()).status, 502);
    assert.deepEqual(await charged(), { generations: 1, submits: 1 });
  });

  it('the key of a failed generation stays used', async () => {
    await emulator.plan({ submit: [{ finish: true, fail: 'message' }] });
    const first = await (await submit()).json();
    const again = await submit();
    assert.equal((await again.json()).id, first.id);
    assert.deepEqual(await charged(), { generations: 1, submits: 1 });
  });

  it('a handler that restarted with an empty memory has no reach that a client would rely on', async () => {
    await submit();
    await server.close();
    server = await start({ store: memoryStore({ onlyProcess: true }) });
    const { state, reach } = await look();
    assert.equal(state, 'none');
    assert.ok(reach < 1000);
  });
});
