// Patched globals, other copies of the package, and other realms: calls work, and errors stay recognisable.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, it } from 'node:test';

import { root } from '../../tools/paths.mjs';
import { describeHostile } from './fixtures/hostile.mjs';

/** The outcomes of calls under patches are the usual ones. */
function assertUnaffected({ ends, cause }) {
  assert.match(ends[0], /\.wav$/);
  assert.deepEqual([ends.slice(1), cause], [['aborted', 'deadline'], 'enough']);
}

describeHostile('hostile globals', (harness) => {
  before(async () => {
    const zone = join(root, 'node_modules', 'zone.js', 'bundles', 'zone.umd.min.js');
    harness().site.add('/zone.js', await readFile(zone, 'utf8'));
  });

  const callWithPatches = () =>
    harness().page.run(async () => {
      const { fixtures, baseUrl } = window.context;
      // A fresh copy, which has never seen the original globals.
      const { StableAudio } = await import('/package/dist/index.js?patched');
      const client = new StableAudio({ apiKey: fixtures.key, baseUrl });
      const track = await fixtures.withTimeout(
        client.generate('rain', { pollIntervalMs: 1000, onSubmitted: () => fixtures.sleep(5) }),
      );
      const controller = new AbortController();
      const call = client.waitFor('id', { signal: controller.signal });
      await fixtures.sleep(50);
      controller.abort('enough');
      const left = await fixtures.withTimeout(call);
      const { fetch } = fixtures.hangingFetch();
      const late = await fixtures.withTimeout(
        new StableAudio({ apiKey: fixtures.key, baseUrl, fetch }).check('id', { timeoutMs: 50 }),
      );
      const ends = [track, left, late].map(({ value, rejection }) => value ?? rejection?.code);
      return { ends, cause: left.error?.cause };
    });

  it('calls work where Promise, setTimeout, queueMicrotask and AbortController are wrapped', async () => {
    const wraps = await harness().page.run(() => {
      let wraps = 0;
      window.wraps = () => wraps;
      const wrap = (work) => {
        wraps += 1;
        return typeof work === 'function' ? (...given) => work(...given) : work;
      };
      const native = { Promise, AbortController };
      const [later, never, soon] = [setTimeout, clearTimeout, queueMicrotask].map((work) => work.bind(window));
      window.Promise = class ZonePromise extends native.Promise {};
      window.context.fixtures.thenable(function then(fulfilled, rejected) {
        return native.Promise.prototype.then.call(this, wrap(fulfilled), wrap(rejected));
      }, window.Promise.prototype);
      window.setTimeout = (work, ...rest) => ({ task: later(wrap(work), ...rest) });
      window.clearTimeout = (task) => never(task?.task);
      window.queueMicrotask = (work) => soon(wrap(work));
      window.AbortController = class extends native.AbortController {
        abort(reason) {
          wraps += 1;
          super.abort(reason);
        }
      };
      return wraps;
    });
    assert.equal(wraps, 0);
    assertUnaffected(await callWithPatches());
    assert.ok((await harness().page.run(() => window.wraps())) > 10);
  });

  it('calls work where AbortController throws or cannot abort', async () => {
    const ends = await harness().page.run(async () => {
      const { StableAudio, fixtures } = window.context;
      const { AbortController } = window;
      const ends = [];
      const { fetch } = fixtures.hangingFetch();
      const client = new StableAudio({ apiKey: fixtures.key, baseUrl: fixtures.serviceUrl, fetch });
      class Hostile {
        abort = fixtures.throwError;
      }
      // None, one that cannot be made, one that cannot abort, and one that throws.
      const controllers = [undefined, Symbol, Object, Hostile];
      for (const controller of controllers) {
        window.AbortController = controller;
        const { rejection } = await fixtures.withTimeout(client.submit('rain', { timeoutMs: 50 }));
        ends.push(rejection?.code);
      }
      window.AbortController = AbortController;
      return ends;
    });
    assert.deepEqual(ends, Array(4).fill('submit_unknown'));
  });

  it('calls work inside a zone of zone.js', async () => {
    const patched = await harness().page.run(async () => {
      await new Promise((resolve, reject) => {
        const script = Object.assign(document.createElement('script'), { src: '/zone.js' });
        script.addEventListener('load', resolve);
        script.addEventListener('error', reject);
        document.head.append(script);
      });
      return String(Promise).includes('ZoneAwarePromise') || typeof window.Zone === 'function';
    });
    assert.ok(patched);
    assertUnaffected(await callWithPatches());
  });

  it('two copies of the package recognise each other’s errors, but share no class', async () => {
    const seen = await harness().page.run(async () => {
      const { fixtures, StableAudioError, isStableAudioError, baseUrl } = window.context;
      const other = await import('/package/dist/index.js?copy');
      const frame = document.body.appendChild(document.createElement('iframe'));
      frame.src = '/';
      await new Promise((resolve) => frame.addEventListener('load', resolve));
      const framed = await frame.contentWindow.eval("import('stable-audio-client')");
      const options = { apiKey: fixtures.key, baseUrl };
      const seen = {};
      for (const [name, copy] of Object.entries({ other, framed })) {
        const { error } = await fixtures.withTimeout(copy.generateAudio(' ', options));
        seen[name] = {
          brand: isStableAudioError(error) && copy.isStableAudioError(error),
          foreign: error instanceof StableAudioError,
          code: error.code,
        };
      }
      const lookalikes = [null, undefined, 5, new Error('x'), { name: 'StableAudioError', code: 'aborted' }];
      const others = [...lookalikes, fixtures.revokedProxy(), fixtures.revokedProxy(() => {}), () => {}];
      seen.others = others.map((value) => isStableAudioError(value));
      const urls = await Promise.all([
        fixtures.withTimeout(window.context.generateAudio('rain', { ...options, pollIntervalMs: 1000 })),
        fixtures.withTimeout(other.generateAudio('snow', { ...options, pollIntervalMs: 1000 })),
      ]);
      seen.tracks = urls.map(({ value }) => value);
      return seen;
    });
    assert.deepEqual(seen.other, { brand: true, foreign: false, code: 'invalid_argument' });
    assert.deepEqual(seen.framed, seen.other);
    assert.deepEqual(seen.others, Array(8).fill(false));
    for (const url of seen.tracks) assert.match(url, /\.wav$/);
  });

  it('errors cross from a worker as JSON, and the page resumes their generations', async () => {
    await harness().emulator.plan({ poll: [{ finish: true }] });
    const { shown, audio, generation } = await harness().page.run(async () => {
      const { StableAudio, StableAudioError, isStableAudioError, fixtures, baseUrl } = window.context;
      const worker = new Worker('/worker.js', { type: 'module' });
      const said = new Promise((resolve) => worker.addEventListener('message', ({ data }) => resolve(data)));
      worker.postMessage(baseUrl, []);
      const { failed, resumable } = await said;
      worker.terminate();
      const errors = [failed, resumable].map((data) => StableAudioError.fromJSON(data));
      const shown = errors.map((error) => ({
        ours: error instanceof StableAudioError && isStableAudioError(error),
        name: error.name,
        code: error.code,
        retryable: error.retryable,
        same: JSON.stringify(error) === JSON.stringify(error === errors[0] ? failed : resumable),
      }));
      const { generation } = errors[1];
      const client = new StableAudio({ apiKey: fixtures.key, baseUrl });
      const { value: audio } = await fixtures.withTimeout(
        client.waitFor(structuredClone(generation), { pollIntervalMs: 1000 }),
      );
      return { shown, audio, generation };
    });
    const common = { ours: true, name: 'StableAudioError', retryable: false, same: true };
    assert.deepEqual(shown, [
      { ...common, code: 'invalid_argument' },
      { ...common, code: 'callback_failed' },
    ]);
    assert.equal(audio.generationId, generation.id);
  });

  it('clocks and setTimeout that were replaced before the module was loaded drive a whole call', async () => {
    const seen = await harness().page.run(async () => {
      const { StableAudio, fixtures } = window.context;
      const words = ['queued', 'generating', 'generating', 'pondering', 'completed'];
      const client = (words) =>
        new StableAudio({
          apiKey: fixtures.key,
          baseUrl: fixtures.serviceUrl,
          fetch: fixtures.service(words, fixtures.replyWithoutStream).fetch,
        });
      const real = performance.now();
      const timers = fixtures.fakeTimers();
      const done = await timers.run(client(words).generate('rain', { pollIntervalMs: 10_000 }));
      const late = await timers.run(client(['queued']).generate('rain'));
      timers.end();
      return { done, late, took: performance.now() - real };
    });
    assert.match(seen.done.value, /track\.wav$/);
    assert.ok(seen.done.ms >= 40_000 && seen.done.ms < 45_000, `${seen.done.ms}`);
    assert.equal(seen.late.rejection.code, 'deadline');
    assert.ok(seen.late.ms >= 600_000 && seen.late.ms < 601_000, `${seen.late.ms}`);
    assert.deepEqual([seen.done.left, seen.late.left], [0, 0]);
    assert.ok(seen.took < 30_000);
  });
});
