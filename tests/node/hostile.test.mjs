// Hostile scripts and networks: every call settles, and keeps what was paid for.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, it } from 'node:test';

const apiKey = 'test-key';
const track = 'https://cdn.test/track.wav';
const job = { id: 'x', status: 'queued' };
const json = (body) => new Response(JSON.stringify(body));
const never = () => new Promise(() => {});

/** What a call rejects with. */
const failed = (call) =>
  call.then(
    (value) => assert.fail(`resolved to ${JSON.stringify(value)}`),
    (error) => error,
  );

/** A reply whose document has arrived, but whose stream does not end, or breaks. */
function open(body, { breaks = false } = {}) {
  const chunks = [new TextEncoder().encode(JSON.stringify(body))];
  const stream = new ReadableStream({
    pull(controller) {
      const chunk = chunks.pop();
      if (chunk) controller.enqueue(chunk);
      else if (breaks) controller.error(new TypeError('terminated'));
    },
  });
  return new Response(stream);
}

/** A service whose replies are `post()` and `get()`; `sent` are the methods that it was asked with. */
function service({ post = () => json(job), get = () => json({ ...job, status: 'completed', audio_file: track }) }) {
  const sent = [];
  const fetch = async (_, { method, signal }) => {
    sent.push(method);
    return (method === 'POST' ? post : get)(signal);
  };
  return { sent, fetch };
}

describe('a call', { timeout: 60_000 }, () => {
  let copy = 0;
  let library;
  const undo = [];
  beforeEach(async () => {
    // Each test has a copy of the package, with a module of its own.
    library = await import(`../../dist/index.js?${(copy += 1)}`);
  });
  afterEach(() => {
    for (const back of undo.splice(0).toReversed()) back();
  });

  /** Replaces a property of the platform until the test ends. */
  function replace(owner, name, value) {
    const own = Object.getOwnPropertyDescriptor(owner, name);
    undo.push(() => (own ? Object.defineProperty(owner, name, own) : delete owner[name]));
    Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  }
  const client = (options) => new library.StableAudio({ apiKey, ...options });

  for (const breaks of [false, true]) {
    const name = breaks ? 'breaks off after its document' : 'stays open after its document';
    it(`a call whose reply ${name} uses that document`, async () => {
      const done = { ...job, status: 'completed', audio_file: track };
      const { sent, fetch } = service({ post: () => open(job, { breaks }), get: () => open(done, { breaks }) });
      const begun = performance.now();
      const generation = await client({ fetch }).submit('rain');
      assert.equal(generation.id, 'x');
      assert.equal((await client({ fetch }).waitFor(generation, { pollIntervalMs: 1000 })).url, track);
      assert.ok(performance.now() - begun < 5000);
      assert.deepEqual(sent, ['POST', 'GET']);
    });
  }

  it('a submit that is aborted after its document has arrived keeps its id', async () => {
    const controller = new AbortController();
    const { fetch } = service({ post: () => (setTimeout(() => controller.abort(), 100), open(job)) });
    const error = await failed(client({ fetch }).generate('rain', { signal: controller.signal }));
    assert.deepEqual([error.code, error.generation?.id], ['aborted', 'x']);
  });

  it('a submit that is aborted within microtasks of its reply keeps its id', async () => {
    for (const turns of [0, 1, 2, 3, 5, 8, 13]) {
      const controller = new AbortController();
      const post = async () => {
        (async () => {
          for (let turn = 0; turn < turns; turn += 1) await undefined;
          controller.abort();
        })();
        return json(job);
      };
      const { fetch } = service({ post });
      const error = await failed(client({ fetch }).generate('rain', { signal: controller.signal }));
      assert.deepEqual([error.code, error.generation?.id], ['aborted', 'x'], `${turns} turns`);
    }
  });

  it('a submit whose body is lost has the id of its x-inference-id header', async () => {
    const reply = {
      status: 201,
      headers: new Headers({ 'x-inference-id': 'in-the-head' }),
      text: () => Promise.reject(new TypeError('terminated')),
    };
    assert.equal((await client({ fetch: service({ post: () => reply }).fetch }).submit('rain')).id, 'in-the-head');
  });

  it('an abort is noticed even if another listener stops its event', async () => {
    const controller = new AbortController();
    controller.signal.addEventListener('abort', (event) => event.stopImmediatePropagation());
    const { fetch } = service({ get: () => json(job) });
    const call = client({ fetch }).generate('rain', { signal: controller.signal, pollIntervalMs: 1000 });
    setTimeout(() => controller.abort(), 300);
    const error = await failed(call);
    assert.deepEqual([error.code, error.generation?.id], ['aborted', 'x']);
  });

  it('a source of ready that never loads does not delay calls of the default entry', async () => {
    const { fetch } = service({});
    library.ready(never());
    const begun = performance.now();
    assert.equal((await client({ fetch }).submit('rain')).id, 'x');
    assert.ok(performance.now() - begun < 2000);
  });

  it('a source of ready that loads late does not replace the module', async () => {
    const file = new URL('../../dist/core.wasm', import.meta.url);
    const { fetch, sent } = service({ get: never });
    const own = client({ fetch, maxConcurrent: 1 });
    const late = library.ready(new Promise((resolve) => setTimeout(() => resolve(readFile(file)), 300)));
    const controller = new AbortController();
    const { signal } = controller;
    const calls = [own.waitFor('x', { signal })];
    await late;
    calls.push(own.generate('rain', { signal }));
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.deepEqual(sent, ['GET'], 'the one slot is taken');
    controller.abort();
    await Promise.allSettled(calls);
  });

  it('a reply with Retry-After is read even without Date.parse', async () => {
    const reply = new Response(JSON.stringify(job), { headers: { 'retry-after': '5' } });
    const { fetch } = service({ post: () => reply });
    replace(globalThis, 'Date', { now: () => 0 });
    assert.equal((await client({ fetch }).submit('rain')).id, 'x');
  });

  it('a bad source of ready that is not awaited does not fail calls', async () => {
    const { fetch } = service({});
    const heardLate = failed(library.ready('http://127.0.0.1:9/core.wasm'));
    assert.equal((await client({ fetch }).submit('rain')).id, 'x');
    assert.equal((await heardLate).code, 'invalid_argument');
  });

  for (const [owner, name] of [
    [globalThis, 'setTimeout'],
    [globalThis, 'clearTimeout'],
    [Math, 'random'],
    [Date, 'now'],
    [performance, 'now'],
  ]) {
    const whole = `${owner === Math ? 'Math.' : owner === Date ? 'Date.' : owner === performance ? 'performance.' : ''}${name}`;
    it(`a call settles if ${whole} throws, and its id is known if it was paid for`, async () => {
      const { fetch, sent } = service({});
      const own = client({ fetch });
      replace(owner, name, () => {
        throw new Error(`no ${name}`);
      });
      const [{ value, reason: error }] = await Promise.allSettled([own.generate('rain', { timeoutMs: 3000 })]);
      undo.pop()();
      if (error) {
        assert.ok(library.isStableAudioError(error), String(error));
        assert.ok(error.generation?.id === 'x' || sent.length === 0, String(error));
      } else {
        assert.equal(value, track);
      }
      assert.equal((await own.submit('rain')).id, 'x', 'later calls work');
    });
  }

  it('waitFor of a completed snapshot does not wait for maxConcurrent', async () => {
    const { fetch } = service({ get: never });
    const own = client({ fetch, maxConcurrent: 1 });
    const controller = new AbortController();
    const holding = failed(own.waitFor('other', { signal: controller.signal }));
    const completed = { id: 'x', status: 'completed', audio: { url: track } };
    assert.equal((await own.waitFor(completed)).url, track);
    controller.abort();
    await holding;
  });

  it('a hundred downloads that hang do not block a call', async () => {
    const { fetch } = service({});
    const stuck = async (url, init) => (String(url).startsWith('https://cdn') ? never() : fetch(url, init));
    const own = client({ fetch: stuck });
    const controller = new AbortController();
    const downloads = Array.from({ length: 100 }, (_, number) =>
      failed(own.download(`https://cdn.test/${number}.wav`, { signal: controller.signal })),
    );
    assert.equal(await own.generate('rain', { pollIntervalMs: 1000 }), track);
    controller.abort();
    await Promise.all(downloads);
  });

  it('a call near the end of the stack fails with a code, and the next one works', async () => {
    const { fetch } = service({});
    const own = client({ fetch });
    await own.submit('rain');
    const calls = [];
    const deep = () => {
      try {
        deep();
      } catch {
        // As near to the end as it gets.
      }
      if (calls.length < 200) calls.push(own.check({ id: 'kept', status: 'queued' }, { timeoutMs: 2000 }));
    };
    deep();
    for (const result of await Promise.allSettled(calls)) {
      if (result.status === 'fulfilled') continue;
      assert.ok(library.isStableAudioError(result.reason), String(result.reason));
    }
    assert.equal((await own.submit('rain')).id, 'x');
  });
});
