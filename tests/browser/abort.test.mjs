// Aborts: immediate in every phase, with the caller's own reason, and without timers or listeners left.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { engine } from './harness.mjs';
import { phases } from './fixtures/abort-phases.mjs';
import { openWithFixtures } from './fixtures/open.mjs';

describe(`an abort in ${engine}`, { timeout: 240_000 }, () => {
  let harness;
  before(async () => (harness = await openWithFixtures({ speed: 400 })));
  after(() => harness?.close());
  beforeEach(async () => {
    await harness.emulator.reset();
    await harness.page.open();
    await harness.page.run(async (baseUrl) => {
      const { StableAudio } = await import('stable-audio-client');
      const fixtures = await import('/fixtures.js');
      const controller = new AbortController();
      const client = new StableAudio({ apiKey: fixtures.key, baseUrl });
      Object.assign(window, { context: { StableAudio, fixtures, controller, client, baseUrl } });
    }, harness.emulator.url);
  });

  const enterAndAbort = (enter) =>
    harness.page.run(`async () => {
      const { fixtures, controller } = window.context;
      const { call, also, reason } = await (${enter})(window.context);
      const seen = await fixtures.abortAndSettle(call, controller, reason);
      return { ...seen, also: also ? also() : true };
    }`);

  for (const [name, { plan, enter, unsent, seenAborted, says, known, retryable }] of Object.entries(phases)) {
    it(`an abort ${name} rejects at once with the caller's reason`, async () => {
      if (plan) await harness.emulator.plan(plan);
      const seen = await enterAndAbort(enter);
      const { code, name: errorName, same, also, atOnce } = seen;
      assert.deepEqual(
        { code, errorName, same, also, atOnce, retryable: seen.retryable },
        { code: 'aborted', errorName: 'AbortError', same: true, also: true, atOnce: true, retryable },
        JSON.stringify(seen),
      );
      assert.match(seen.message, says);
      assert.equal(Boolean(seen.generation), known, JSON.stringify(seen.generation));
      const { requests, generations } = await harness.emulator.ledgerWhen(
        ({ requests }) => !seenAborted || requests.some((request) => request.aborted),
      );
      if (unsent) assert.deepEqual(requests, []);
      if (seenAborted)
        assert.ok(requests.find(({ method }) => method === seenAborted)?.aborted, JSON.stringify(requests));
      if (known && generations.length) assert.equal(seen.generation.id, generations[0].id);
    });
  }

  for (const name of ['while onSubmitted is pending', 'during a GET', 'during a sleep']) {
    it(`an abort ${name} leaves a generation that waitFor can resume, charged once`, async () => {
      const { plan, enter } = phases[name];
      if (plan) await harness.emulator.plan(plan);
      const { generation } = await enterAndAbort(enter);
      await harness.emulator.plan({ poll: [{ finish: true }] });
      const audio = await harness.page.run(
        (generation) => window.context.client.waitFor(generation, { pollIntervalMs: 1000 }),
        generation,
      );
      assert.equal(audio.generationId, generation.id);
      const { generations } = await harness.emulator.ledger();
      assert.deepEqual([generations.length, generations[0].id], [1, generation.id]);
    });
  }

  it('an aborted call leaves the queue of maxConcurrent at once, and the next one starts', async () => {
    const order = await harness.page.run(async () => {
      const { StableAudio, baseUrl, fixtures } = window.context;
      const client = new StableAudio({ apiKey: fixtures.key, baseUrl, maxConcurrent: 1 });
      const order = [];
      const first = client.generate('first', { pollIntervalMs: 1000 }).then(() => order.push('first'));
      const leaving = new AbortController();
      const second = client.generate('second', { signal: leaving.signal }).catch(({ code }) => order.push(code));
      const third = client.generate('third', { pollIntervalMs: 1000 }).then(() => order.push('third'));
      leaving.abort();
      await Promise.all([first, second, third]);
      return order;
    });
    assert.deepEqual(order, ['aborted', 'first', 'third']);
    const { generations } = await harness.emulator.ledger();
    assert.deepEqual(
      generations.map(({ prompt }) => prompt),
      ['first', 'third'],
    );
  });

  it('the cause of an aborted call is the very reason of the abort, whatever it is', async () => {
    const seen = await harness.page.run(async () => {
      const { StableAudio, fixtures } = window.context;
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      const reasons = {
        'a string': 'enough',
        'an empty string': '',
        null: null,
        zero: 0,
        'a symbol': Symbol('enough'),
        'a frozen object': Object.freeze({ why: 'enough' }),
        'a revoked proxy': proxy,
        'a DOMException': new DOMException('enough', 'TimeoutError'),
        'a function': () => {},
      };
      const seen = {};
      const { fetch } = fixtures.hangingFetch();
      for (const loaded of [false, true]) {
        const client = new StableAudio({ apiKey: () => new Promise(() => {}), baseUrl: fixtures.serviceUrl, fetch });
        if (loaded) await client.generate('').catch(() => {});
        for (const [name, reason] of Object.entries(reasons)) {
          if (!loaded && name !== 'a revoked proxy') continue;
          const controller = new AbortController();
          const call = client.generate('rain', { signal: controller.signal });
          if (loaded) await fixtures.sleep(0);
          controller.abort(reason);
          seen[`${name}, ${loaded}`] = fixtures.hasReason((await fixtures.settle(call)).error, reason);
        }
        const signal = Object.assign(new EventTarget(), { aborted: false, reason: undefined });
        const call = client.generate('rain', { signal });
        if (loaded) await fixtures.sleep(0);
        signal.aborted = true;
        signal.dispatchEvent(new Event('abort'));
        seen[`undefined, ${loaded}`] = fixtures.hasReason((await fixtures.settle(call)).error, undefined);
        const own = new AbortController();
        own.abort();
        const { error } = await fixtures.settle(client.generate('rain', { signal: own.signal }));
        seen[`the browser's own, ${loaded}`] = fixtures.hasReason(error, own.signal.reason);
      }
      return seen;
    });
    for (const [name, carried] of Object.entries(seen)) {
      assert.deepEqual(carried, { name: 'AbortError', same: true }, name);
    }
    assert.equal(Object.keys(seen).length, 14);
  });

  it('no call leaves a timer or a listener behind, however it ends', async () => {
    const seen = await harness.page.run(async () => {
      const { StableAudio, fixtures } = window.context;
      const counts = fixtures.countTimersAndListeners();
      const left = {};
      const after = async (name, ...calls) => {
        await Promise.allSettled(calls);
        await new Promise((resolve) => queueMicrotask(resolve));
        left[name] = counts.active();
      };
      const client = (fetch, more) =>
        new StableAudio({ apiKey: fixtures.key, baseUrl: fixtures.serviceUrl, fetch, maxConcurrent: 3, ...more });
      const kept = new AbortController();
      const signal = kept.signal;
      const good = client(fixtures.service(['queued', 'completed']).fetch);
      const jobs = Array.from({ length: 6 }, () => good.generate('rain', { signal, pollIntervalMs: 1000 }));
      await after('calls that complete', ...jobs);
      const failing = client(fixtures.service(['error']).fetch);
      await after('calls that fail', failing.generate('rain', { signal }), failing.submit('rain', { signal }));
      await after('invalid arguments', good.generate('', { signal }), good.waitFor(5, { signal }));
      const { fetch } = fixtures.hangingFetch();
      const quick = { signal, timeoutMs: 50 };
      await after(
        'deadlines',
        client(fetch).generate('rain', quick),
        client(fetch).check('id', quick),
        client(fetch).download(fixtures.audioUrl, quick),
        client(fetch, { apiKey: () => new Promise(() => {}) }).submit('rain', quick),
        client(fixtures.service(['queued']).fetch).generate('rain', quick),
        client(fixtures.service().fetch).generate('rain', { ...quick, onSubmitted: () => new Promise(() => {}) }),
      );
      const leaving = new AbortController();
      const going = { signal: leaving.signal };
      const calls = [
        ...Array.from({ length: 5 }, () => client(fetch, { maxConcurrent: 1 }).generate('rain', going)),
        client(fixtures.service(['queued']).fetch).generate('rain', going),
        client(fixtures.service(['queued']).fetch).waitFor('id', going),
        client(fetch).download(fixtures.audioUrl, going),
        client(fetch).check('id', going),
        client(fetch, { apiKey: () => new Promise(() => {}) }).submit('rain', going),
      ];
      const crowded = client(fetch, { maxConcurrent: 1 });
      calls.push(...Array.from({ length: 3 }, () => crowded.generate('rain', going)));
      await new Promise((resolve) => good.check('some-id').then(resolve));
      left['while they wait'] = counts.active();
      leaving.abort();
      await after('aborts', ...calls);
      const made = counts.total();
      counts.restore();
      return { left, made };
    });
    const { 'while they wait': busy, ...left } = seen.left;
    for (const [name, rest] of Object.entries(left)) assert.deepEqual(rest, { timers: 0, listeners: [] }, name);
    assert.ok(seen.made > 50, 'nothing was counted');
    assert.ok(busy.timers > 5 && busy.listeners.includes('online'), JSON.stringify(busy));
  });

  it('an abort while the module loads leaves no timer or listener behind', async () => {
    const left = await harness.page.run(async () => {
      const { client, controller, fixtures } = window.context;
      const instantiate = WebAssembly.instantiate;
      let release;
      const gate = new Promise((resolve) => (release = resolve));
      WebAssembly.instantiate = (...given) => gate.then(() => instantiate(...given));
      const counts = fixtures.countTimersAndListeners();
      const call = client.generate('rain', { signal: controller.signal });
      controller.abort();
      await fixtures.settle(call);
      const early = counts.active();
      release();
      WebAssembly.instantiate = instantiate;
      await client.generate('').catch(() => {});
      const late = counts.active();
      counts.restore();
      return { early, late };
    });
    const nothing = { timers: 0, listeners: [] };
    assert.deepEqual(left, { early: nothing, late: nothing });
  });
});
