// Jobs with the package's own client, through its own server half: a service that is a function, and a
// tab whose requests stop.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

import { unpackPackage } from '../support/packed-package.mjs';
import { stopClocks } from '../server/support/clock.mjs';

const track = 'https://files.test/track.wav';
const never = () => new Promise(() => {});

describe("jobs with the package's client", { timeout: 120_000 }, () => {
  let packed, index, slim, half, library, clock, service, handler;
  before(async () => {
    packed = await unpackPackage();
    const load = (name) => import(pathToFileURL(join(packed.folder, 'dist', name)));
    [index, slim, half, library] = await Promise.all(['index.js', 'slim.js', 'server.js', 'jobs.js'].map(load));
    await slim.ready(await readFile(join(packed.folder, 'dist', 'core.wasm')));
  });
  after(() => packed?.remove());
  beforeEach(async () => {
    clock = stopClocks();
    service = newService();
    handler = half.createHandler({
      apiKey: 'key',
      authorize: () => 'ada',
      fetch: service.fetch,
      store: half.memoryStore({ onlyProcess: true }),
    });
    await clock.settle(handler(new Request('https://app.test/api/v2/generate/audio?idempotency_key=first')));
    await clock.advance(600_000);
  });
  afterEach(() => clock.restore());

  /** A tab: its client, and how it dies. */
  function open(storage, { entry = index, cut, ...options } = {}) {
    let dead = false;
    const fetch = async (url, init) => {
      if (dead) return never();
      if (init.method === 'POST' && cut === 'before') dead = true;
      if (dead) return never();
      const reply = await handler(new Request(url, init));
      if (init.method === 'POST' && cut === 'after') dead = true;
      return dead ? never() : reply;
    };
    const client = new entry.StableAudio({ baseUrl: 'https://app.test/api', recovery: 'server', fetch, ...options });
    const gated = {
      ...storage,
      save: (record) => (dead ? undefined : storage.save(record)),
      load: (key) => (dead ? [] : storage.load(key)),
    };
    return library.openJobs({ client, storage: gated });
  }
  const ended = async (jobs, key) => (await clock.settle(jobs.settled(key), 1_200_000)).value;

  for (const name of ['index', 'slim']) {
    it(`become tracks with ${name}`, async () => {
      const jobs = open(library.memoryStorage(), { entry: name === 'slim' ? slim : index });
      const { key } = jobs.add({ prompt: 'rain', secondsTotal: 10 });
      const job = await ended(jobs, key);
      assert.deepEqual([job.phase, job.generation.audio.url, service.charges()], ['completed', track, 1]);
      assert.equal(job.generation.request.secondsTotal, 10);
    });
  }

  for (const cut of ['before', 'after']) {
    it(`whose tab died ${cut} its submit arrived become tracks in the next, charged once`, async () => {
      const storage = library.memoryStorage();
      const first = open(storage, { cut });
      const { key } = first.add('rain');
      await clock.advance(5000);
      first.close();
      const jobs = open(storage);
      const job = await ended(jobs, key);
      assert.deepEqual([job.phase, service.charges()], ['completed', 1], job.error?.message);
    });
  }

  it('that are many are sent as maxConcurrent has places, and one without a place can be stopped', async () => {
    const jobs = open(library.memoryStorage(), { maxConcurrent: 1 });
    const keys = ['one', 'two', 'three'].map((prompt) => jobs.add(prompt).key);
    await clock.advance(5000);
    assert.equal(service.charges(), 1);
    assert.deepEqual(
      jobs.getSnapshot().map(({ phase }) => phase),
      ['submitting', 'submitting', 'queued'],
    );
    jobs.stop(keys[1]);
    assert.equal((await ended(jobs, keys[1])).canRetry, true);
    assert.equal((await ended(jobs, keys[2])).phase, 'completed');
    assert.equal(service.charges(), 2);
  });

  it('that are refused say why, and with a bad request send nothing', async () => {
    const jobs = open(library.memoryStorage());
    const bad = await ended(jobs, jobs.add({ prompt: 'rain', steps: 0 }).key);
    assert.deepEqual([bad.phase, bad.error.code, bad.canRetry], ['failed', 'invalid_argument', false]);
    service.refuses = true;
    const { key } = jobs.add('rain');
    const poor = await ended(jobs, key);
    assert.deepEqual([poor.phase, poor.error.code, poor.canRetry], ['failed', 'out_of_credits', true]);
    service.refuses = false;
    jobs.retry(key);
    assert.equal((await ended(jobs, key)).phase, 'completed');
    assert.equal(service.charges(), 1);
  });

  it('without recovery and of a tab that died are unknown, and never sent again', async () => {
    const storage = library.memoryStorage();
    const first = open(storage, { cut: 'after', recovery: undefined });
    const { key } = first.add('rain');
    await clock.advance(5000);
    first.close();
    const jobs = open(storage, { recovery: undefined });
    const job = await ended(jobs, key);
    assert.deepEqual([job.phase, job.canRetry, job.canResume, service.charges()], ['unknown', false, false, 1]);
  });
});

/** The service, as a `fetch`. */
function newService() {
  const made = new Map();
  const service = {
    refuses: false,
    charges: () => made.size,
    async fetch(url, { method = 'GET' } = {}) {
      if (method === 'POST') {
        if (service.refuses)
          return Response.json({ kind: 'out_of_credits', message: 'out of credits' }, { status: 403 });
        const id = `g${made.size}`;
        made.set(id, Date.now());
        return Response.json({ id, status: 'queued' }, { status: 201 });
      }
      const id = new URL(url).searchParams.get('generation_id');
      const done = Date.now() - made.get(id) > 40_000;
      return Response.json({
        id,
        status: done ? 'completed' : 'generating',
        ...(done && { audio_file: { url: track } }),
      });
    },
  };
  return service;
}
