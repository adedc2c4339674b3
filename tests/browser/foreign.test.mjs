// Foreign code cannot break the module: whatever it is given, a call settles with a clear error or
// goes on, and the next good call works.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { root } from '../../tools/paths.mjs';
import { engine } from './harness.mjs';
import { openStage } from './stage/open.mjs';

const counts = [-1, 1.5, '1', Number.MAX_SAFE_INTEGER, {}, true];
const amounts = ['1', -1, {}, true];

/** By field: values that make no sense in a snapshot, with what else it then says. */
const tampered = [
  ['id', ['', '  ', 5, null, {}, [], '\ud800']],
  ['status', ['done', '', 5, null, {}]],
  ['submittedAt', ['today', -1, {}, true]],
  ['polling', [5, 'x', [], true]],
  ...['checks', 'errors', 'notFound', 'unknownStatus', 'missingUrl'].map((field) => [field, counts]),
  ...['nextCheckAt', 'expectedAt', 'creditsUsed', 'usdSpent'].map((field) => [field, amounts]),
  ['error', [5, {}, []]],
  ['lastError', ['http', 5, [], {}, { code: 'odd' }, { code: 'http', httpStatus: 'many' }]],
  ['request', [5, [], {}, { prompt: ' ' }, { prompt: 'rain', steps: 0 }]],
  ['audio', [null, 5, {}, [], { url: 5 }, { url: '/a.wav' }, { url: 'javascript:alert(1)' }], { status: 'completed' }],
  [
    'audio',
    [
      { url: 'https://a.test/b', fileSize: 'big' },
      { url: 'https://a.test/b', fileName: 5 },
      { url: 'https://a.test/b', contentType: {} },
    ],
    { status: 'completed' },
  ],
];

/** The ends of an errand under patches are those without. */
function asEver({ ends, cause }) {
  assert.match(ends[0], /\.wav$/);
  assert.deepEqual([ends.slice(1), cause], [['aborted', 'deadline'], 'enough']);
}

describe(`foreign code in ${engine}`, { timeout: 240_000 }, () => {
  let harness;
  before(async () => {
    harness = await openStage({ speed: 400 });
    const zone = join(root, 'node_modules', 'zone.js', 'bundles', 'zone.umd.min.js');
    harness.site.add('/zone.js', await readFile(zone, 'utf8'));
    harness.site.add(
      '/worker.js',
      `import { generateAudio, StableAudio } from '/package/dist/index.js';
      onmessage = async ({ data: baseUrl }) => {
        const options = { apiKey: 'demo-key', baseUrl };
        const failed = await generateAudio(' ', options).catch((error) => error.toJSON());
        const onSubmitted = () => { throw new Error('no'); };
        const resumable = await generateAudio('rain', { ...options, onSubmitted }).catch((error) => error.toJSON());
        postMessage({ failed, resumable });
      };`,
    );
  });
  after(() => harness?.close());
  beforeEach(async () => {
    await harness.emulator.reset();
    await harness.page.open();
    await harness.page.run(async (baseUrl) => {
      const packed = await import('stable-audio-client');
      const stage = await import('/stage.js');
      const { fetch } = window;
      // One job that is done when it is submitted: what every test ends with.
      const good = () => packed.generateAudio('rain', { apiKey: stage.key, baseUrl, fetch });
      Object.assign(window, { at: { ...packed, packed, stage, baseUrl, good } });
    }, harness.emulator.url);
  });
  afterEach(async () => {
    await harness.emulator.plan({ submit: [{ finish: true }] });
    const { value, told } = await harness.page.run(async () => {
      const { value, told } = await window.at.stage.soon(window.at.good());
      return { value, told };
    });
    assert.match(value ?? '', /\.wav$/, `the module no longer works: ${JSON.stringify(told)}`);
  });

  it('as a value of the wrong kind is an invalid argument, and nothing is sent', async () => {
    const { seen, sent } = await harness.page.run(async () => {
      const { StableAudio, generateAudio, stage } = window.at;
      const { key: apiKey, elsewhere: baseUrl } = stage;
      const { fetch, requests } = stage.service();
      const seen = {};
      const note = async (name, call) => {
        const { told } = await stage.soon(call());
        seen[name] = `${told?.code} ${told?.retryable}`;
      };
      const throwing = {
        get signal() {
          throw new Error('no');
        },
      };
      const wrong = { array: [], number: 5, text: 'x', yes: true, function: () => {}, symbol: Symbol('x'), bigint: 5n };
      const client = new StableAudio({ apiKey, baseUrl, fetch });
      const broken = { revoked: stage.revoked(), throwing };
      const subjects = { generate: 'rain', submit: 'rain', check: 'id', waitFor: 'id', download: stage.track };
      for (const [method, subject] of Object.entries(subjects)) {
        for (const [name, value] of Object.entries({ ...wrong, ...broken })) {
          await note(`${method} with ${name} as options`, () => client[method](subject, value));
        }
        for (const [name, value] of Object.entries({ ...wrong, ...broken, nothing: undefined, null: null })) {
          if (name !== 'text') await note(`${method} of ${name}`, () => client[method](value));
        }
        for (const name of ['signal', 'timeoutMs']) {
          const value = stage.revoked();
          await note(`${method} with a revoked ${name}`, () => client[method](subject, { [name]: value }));
        }
      }
      for (const [name, value] of Object.entries({ ...wrong, ...broken })) {
        await note(`a client of ${name}`, () => new StableAudio(value).generate('rain'));
      }
      for (const name of ['apiKey', 'baseUrl', 'fetch', 'maxConcurrent']) {
        const options = { apiKey, baseUrl, fetch, [name]: stage.revoked() };
        await note(`a client with a revoked ${name}`, () => new StableAudio(options).generate('rain'));
      }
      for (const name of ['pollIntervalMs', 'onSubmitted', 'onStatus']) {
        const options = { apiKey, baseUrl, fetch, [name]: stage.revoked() };
        await note(`a call with a revoked ${name}`, () => generateAudio('rain', options));
      }
      const real = new AbortController().signal;
      const signals = {
        'a proxy': new Proxy(real, {}),
        'one that refuses listeners': {
          addEventListener() {
            throw new Error('no');
          },
        },
        'one without listeners': { aborted: false },
      };
      for (const [name, signal] of Object.entries(signals)) {
        await note(`${name} as the signal, by a loaded module`, () => client.generate('rain', { signal }));
        const { StableAudio: Fresh } = await import(`/package/dist/index.js?${encodeURIComponent(name)}`);
        const fresh = new Fresh({ apiKey, baseUrl, fetch });
        await note(`${name} as the signal, by a fresh module`, () => fresh.generate('rain', { signal }));
      }
      await note('a revoked request', () => client.generate({ prompt: stage.revoked() }));
      await note('a revoked number', () => client.generate({ prompt: 'x', steps: stage.revoked() }));
      for (const name of ['id', 'status', 'polling', 'checks', 'request', 'lastError', 'audio']) {
        const polling = name === 'polling' ? stage.revoked() : { [name]: stage.revoked() };
        const status = name === 'audio' ? 'completed' : 'queued';
        const snapshot = { id: 'x', status, polling, [name]: stage.revoked() };
        await note(`a snapshot with a revoked ${name}`, () => client.check(snapshot));
      }
      return { seen, sent: requests.length };
    });
    const others = Object.entries(seen).filter(([, end]) => end !== 'invalid_argument false');
    assert.deepEqual(others, []);
    assert.equal(sent, 0);
    assert.ok(Object.keys(seen).length > 100);
  });

  it('as an unusual but usable value is used', async () => {
    const seen = await harness.page.run(async () => {
      const { StableAudio, generateAudio, stage } = window.at;
      const { key: apiKey, elsewhere: baseUrl } = stage;
      // Done at once, so that no call waits for its first poll.
      const done = (body, status) =>
        stage.reply({ ...body, status: 'completed', audio_file: { url: stage.track } }, status);
      const { fetch } = stage.service([], done);
      class Options {
        apiKey = apiKey;
        baseUrl = baseUrl;
        fetch = fetch;
      }
      const plain = { apiKey, baseUrl, fetch };
      const calls = {
        'a class instance': () => generateAudio('rain', new Options()),
        'a frozen object': () => generateAudio(Object.freeze({ prompt: 'rain' }), Object.freeze({ ...plain })),
        'a proxy': () => generateAudio(new Proxy({ prompt: 'rain' }, {}), new Proxy(plain, {})),
        'an object without prototype': () => generateAudio('rain', Object.assign(Object.create(null), plain)),
        'getters that work': () => {
          const own = { get: () => apiKey, enumerable: true };
          return generateAudio('rain', Object.defineProperty({ baseUrl, fetch }, 'apiKey', own));
        },
        nothing: () => new StableAudio(plain).generate('rain', null),
        'options changed afterwards': () => {
          const options = { ...plain };
          const client = new StableAudio(options);
          options.apiKey = '';
          return client.generate('rain');
        },
      };
      const seen = {};
      for (const [name, call] of Object.entries(calls)) seen[name] = (await stage.soon(call())).value ?? 'failed';
      return seen;
    });
    for (const [name, url] of Object.entries(seen)) assert.match(url, /track\.wav$/, name);
  });

  it('that fails in onSubmitted rejects the call with its reason and the generation', async () => {
    const seen = await harness.page.run(async () => {
      const { StableAudio, stage } = window.at;
      const client = new StableAudio({ apiKey: stage.key, baseUrl: stage.elsewhere, fetch: stage.service().fetch });
      const reason = Object.freeze({ why: 'full' });
      const thrower = () => {
        throw reason;
      };
      const callbacks = {
        throws: thrower,
        rejects: () => Promise.reject(reason),
        'rejects late': () => stage.pause(20).then(thrower),
        'gives a thenable that rejects': () => stage.thenable((_, reject) => reject(reason)),
        'gives a thenable that throws': () => stage.thenable(thrower),
        'gives a thenable that cannot be read': () => stage.trap('then', {}, thrower),
        'gives a promise without then': () => stage.trap('then', Promise.resolve(), thrower),
        'gives a promise whose then throws': () => stage.thenable(thrower, Promise.resolve()),
      };
      const seen = {};
      for (const [name, onSubmitted] of Object.entries(callbacks)) {
        const { error, told, value } = await stage.soon(client.generate('rain', { onSubmitted }));
        seen[name] = { code: told?.code ?? value, cause: error?.cause === reason, known: told?.generation?.id };
      }
      for (const [name, nothing] of [
        ['undefined', undefined],
        ['null', null],
      ]) {
        const { error } = await stage.soon(client.generate('rain', { onSubmitted: () => Promise.reject(nothing) }));
        const { code, cause, generation } = error ?? {};
        seen[`rejects with ${name}`] = { code, cause: cause === nothing && 'cause' in error, known: generation?.id };
      }
      return seen;
    });
    for (const [name, { code, cause, known }] of Object.entries(seen)) {
      assert.deepEqual({ code, cause }, { code: 'callback_failed', cause: true }, name);
      assert.match(known, /^job-/, name);
    }
  });

  it('that fails in onStatus or onProgress is reported and changes nothing', async () => {
    const seen = await harness.page.run(async () => {
      const { StableAudio, stage } = window.at;
      const { fetch } = stage.service();
      const bytes = (url, init) => (url === stage.track ? new Response('RIFF\x04\0\0\0WAVE') : fetch(url, init));
      const client = new StableAudio({ apiKey: stage.key, baseUrl: stage.elsewhere, fetch: bytes });
      const reported = [];
      window.addEventListener('error', (event) => {
        event.preventDefault();
        reported.push(event.error);
      });
      const rejected = [];
      window.addEventListener('unhandledrejection', ({ reason }) => rejected.push(String(reason)));
      const reason = new Error('broken');
      const thrower = () => {
        throw reason;
      };
      const callbacks = {
        throws: thrower,
        rejects: async () => thrower(),
        'gives a thenable that throws': () => stage.thenable(thrower),
        'gives a promise whose then throws': () => stage.thenable(thrower, Promise.resolve()),
      };
      const seen = {};
      for (const [name, callback] of Object.entries(callbacks)) {
        for (const [kind, start] of [
          ['onStatus', () => client.generate('rain', { pollIntervalMs: 1000, onStatus: callback })],
          ['onProgress', () => client.download(stage.track, { onProgress: callback })],
        ]) {
          reported.length = 0;
          const { told } = await stage.soon(start());
          await stage.pause(20);
          seen[`${kind} ${name}`] = { end: told?.code ?? 'done', reported: reported.map((error) => error === reason) };
        }
      }
      const reportError = window.reportError;
      const logged = [];
      const { error } = console;
      console.error = (given) => logged.push(given === reason);
      delete window.reportError;
      window.reportError = undefined;
      const { told } = await stage.soon(client.generate('rain', { pollIntervalMs: 1000, onStatus: thrower }));
      seen['where reportError is absent'] = { end: told?.code ?? 'done', reported: logged };
      console.error = thrower;
      const last = await stage.soon(client.generate('rain', { pollIntervalMs: 1000, onStatus: thrower }));
      seen['where the console throws too'] = { end: last.told?.code ?? 'done', reported: [true] };
      Object.assign(console, { error });
      Object.assign(window, { reportError });
      return { seen, rejected };
    });
    for (const [name, end] of Object.entries(seen.seen)) assert.deepEqual(end, { end: 'done', reported: [true] }, name);
    assert.deepEqual(seen.rejected, []);
  });

  it('in place of fetch never leaves a call without its end', async () => {
    const seen = await harness.page.run(async () => {
      const { StableAudio, stage } = window.at;
      const { key: apiKey, elsewhere: baseUrl } = stage;
      const { thrower, streaming, endless } = stage;
      const moved = new Uint8Array(8);
      structuredClone(moved.buffer, { transfer: [moved.buffer] });
      const fetches = {
        'that throws at once': thrower,
        'that rejects with undefined': () => Promise.reject(undefined),
        'that rejects with null': () => Promise.reject(null),
        'that rejects with a string': () => Promise.reject('no'),
        'that never settles': () => new Promise(() => {}),
        'that gives undefined': () => {},
        'that gives null': () => null,
        'that gives a number': () => 5,
        'that gives a revoked proxy': () => stage.revoked(),
        'that gives a promise whose then throws': () => stage.thenable(thrower, Promise.resolve()),
        'that gives a promise without class': () => stage.trap('constructor', Promise.resolve(5)),
        'that gives a proxy of a reply': () => new Proxy(Response.json({ id: 'x' }, { status: 201 }), {}),
        'that gives a status alone': () => ({ status: 201 }),
        'whose status throws': () => stage.trap('status'),
        'whose status is odd': () => ({ status: 'fine' }),
        'whose status is huge': () => ({ status: 70_000 }),
        'whose headers throw': () => ({ status: 201, headers: { get: thrower } }),
        'whose headers are revoked': () => ({ status: 201, headers: stage.revoked() }),
        'whose text throws': () => ({ status: 201, text: thrower }),
        'whose text gives a revoked proxy': () => ({ status: 201, text: () => stage.revoked() }),
        'whose text never comes': () => ({ status: 201, text: () => new Promise(() => {}) }),
        'whose json gives a revoked proxy': () => ({ status: 201, json: async () => stage.revoked([]) }),
        'whose json is full of traps': () => ({
          status: 201,
          json: async () => ({ id: stage.revoked(), status: stage.revoked(), error: stage.revoked() }),
        }),
        'whose error is full of traps': () => ({
          status: 400,
          json: async () => ({ message: [stage.revoked()], error: new Proxy({}, { get: thrower }) }),
        }),
        'whose body cannot be read': () => ({ status: 201, body: { getReader: thrower } }),
        'whose body is read already': async () => {
          const used = new Response('{}', { status: 201 });
          await used.text();
          return used;
        },
        'whose reader throws': () => streaming({ read: thrower, cancel: thrower }),
        'whose reader gives nothing': () => streaming({ read: () => {} }),
        'whose chunks are text': () => streaming(endless('text')),
        'whose chunks were transferred away': () => {
          let left = 3;
          return streaming({ read: async () => ({ done: (left -= 1) < 0, value: moved }) });
        },
        'whose chunks are revoked': () => streaming(endless(stage.revoked())),
      };
      const seen = {};
      for (const [name, fetch] of Object.entries(fetches)) {
        const client = new StableAudio({ apiKey, baseUrl, fetch });
        const options = { timeoutMs: 150 };
        const ends = await Promise.all([
          stage.soon(client.submit('rain', options)),
          stage.soon(client.check('id', options)),
          stage.soon(client.download(stage.track, options)),
        ]);
        seen[name] = ends.map(({ told, value }) => told?.code ?? value?.polling?.lastError?.code ?? 'done');
      }
      return seen;
    });
    const wrong = Object.entries(seen).filter(([, [submit, check, download]]) => {
      const known = {
        submit: ['submit_unknown', 'bad_reply', 'rejected'],
        check: ['network', 'http', 'body', 'deadline', 'rejected'],
        download: ['download_failed', 'deadline', 'done'],
      };
      return !known.submit.includes(submit) || !known.check.includes(check) || !known.download.includes(download);
    });
    assert.deepEqual(wrong, []);
    for (const name of ['that throws at once', 'that rejects with undefined', 'that gives a status alone']) {
      assert.equal(seen[name][0], 'submit_unknown', name);
    }
  });

  it('in place of fetch is read by its shape: mocks, other realms, the global one as it is now', async () => {
    const seen = await harness.page.run(async () => {
      const { StableAudio, stage } = window.at;
      const { key: apiKey, elsewhere: baseUrl } = stage;
      const frame = document.body.appendChild(document.createElement('iframe'));
      const foreign = frame.contentWindow;
      const accepted = { id: 'job', status: 'queued' };
      const shapes = {
        'status and text': () => ({ status: 201, text: async () => JSON.stringify(accepted) }),
        'ok, status and json': () => ({ ok: true, status: 201, json: async () => accepted }),
        'no promises at all': () => ({ status: 201, text: () => JSON.stringify(accepted) }),
        'a reply of another realm': () => foreign.Response.json(accepted, { status: 201 }),
        'a promise of another realm': () => foreign.Promise.resolve(Response.json(accepted, { status: 201 })),
        'a thenable': () => stage.thenable((resolve) => resolve(Response.json(accepted, { status: 201 }))),
      };
      const seen = {};
      for (const [name, fetch] of Object.entries(shapes)) {
        const { told, value } = await stage.soon(new StableAudio({ apiKey, baseUrl, fetch }).submit('rain'));
        seen[name] = value?.id ?? told.code;
      }
      const client = new StableAudio({ apiKey, baseUrl });
      const { fetch } = window;
      let receiver = 'never called';
      window.fetch = function () {
        'use strict';
        receiver = String(this);
        return Promise.resolve(Response.json(accepted, { status: 201 }));
      };
      const { value } = await stage.soon(client.submit('rain'));
      seen['the global one, replaced afterwards'] = value?.id;
      window.fetch = fetch;
      return { seen, receiver };
    });
    for (const [name, id] of Object.entries(seen.seen)) assert.equal(id, 'job', name);
    assert.equal(seen.receiver, 'undefined');
  });

  const errand = () =>
    harness.page.run(async () => {
      const { stage, baseUrl } = window.at;
      // A fresh copy: one that has seen nothing but the patches.
      const { StableAudio } = await import('/package/dist/index.js?patched');
      const client = new StableAudio({ apiKey: stage.key, baseUrl });
      const track = await stage.soon(
        client.generate('rain', { pollIntervalMs: 1000, onSubmitted: () => stage.pause(5) }),
      );
      const controller = new AbortController();
      const call = client.waitFor('id', { signal: controller.signal });
      await stage.pause(50);
      controller.abort('enough');
      const left = await stage.soon(call);
      const { fetch } = stage.silence();
      const late = await stage.soon(
        new StableAudio({ apiKey: stage.key, baseUrl, fetch }).check('id', { timeoutMs: 50 }),
      );
      const ends = [track, left, late].map(({ value, told }) => value ?? told?.code);
      return { ends, cause: left.error?.cause };
    });
  it('that wraps Promise, setTimeout, queueMicrotask and AbortController is lived with', async () => {
    const wraps = await harness.page.run(() => {
      let wraps = 0;
      window.wraps = () => wraps;
      const wrap = (work) => {
        wraps += 1;
        return typeof work === 'function' ? (...given) => work(...given) : work;
      };
      const native = { Promise, AbortController };
      const [later, never, soon] = [setTimeout, clearTimeout, queueMicrotask].map((work) => work.bind(window));
      window.Promise = class ZonePromise extends native.Promise {};
      window.at.stage.thenable(function then(fulfilled, rejected) {
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
    asEver(await errand());
    assert.ok((await harness.page.run(() => window.wraps())) > 10);
  });

  it('that replaces AbortController by something that throws or cannot abort is lived with', async () => {
    const ends = await harness.page.run(async () => {
      const { StableAudio, stage } = window.at;
      const { AbortController } = window;
      const ends = [];
      const { fetch } = stage.silence();
      const client = new StableAudio({ apiKey: stage.key, baseUrl: stage.elsewhere, fetch });
      class Hostile {
        abort = stage.thrower;
      }
      // None, one that cannot be made, one that cannot abort, and one that throws.
      const controllers = [undefined, Symbol, Object, Hostile];
      for (const controller of controllers) {
        window.AbortController = controller;
        const { told } = await stage.soon(client.submit('rain', { timeoutMs: 50 }));
        ends.push(told?.code);
      }
      window.AbortController = AbortController;
      return ends;
    });
    assert.deepEqual(ends, Array(4).fill('submit_unknown'));
  });

  it('that is the real zone.js is lived with, inside a zone', async () => {
    const patched = await harness.page.run(async () => {
      await new Promise((resolve, reject) => {
        const script = Object.assign(document.createElement('script'), { src: '/zone.js' });
        script.addEventListener('load', resolve);
        script.addEventListener('error', reject);
        document.head.append(script);
      });
      return String(Promise).includes('ZoneAwarePromise') || typeof window.Zone === 'function';
    });
    assert.ok(patched);
    asEver(await errand());
  });

  it('that is a second copy of the package shares errors, but no class', async () => {
    const seen = await harness.page.run(async () => {
      const { stage, StableAudioError, isStableAudioError, baseUrl } = window.at;
      const other = await import('/package/dist/index.js?copy');
      const frame = document.body.appendChild(document.createElement('iframe'));
      frame.src = '/';
      await new Promise((resolve) => frame.addEventListener('load', resolve));
      const framed = await frame.contentWindow.eval("import('stable-audio-client')");
      const options = { apiKey: stage.key, baseUrl };
      const seen = {};
      for (const [name, copy] of Object.entries({ other, framed })) {
        const { error } = await stage.soon(copy.generateAudio(' ', options));
        seen[name] = {
          brand: isStableAudioError(error) && copy.isStableAudioError(error),
          foreign: error instanceof StableAudioError,
          code: error.code,
        };
      }
      const lookalikes = [null, undefined, 5, new Error('x'), { name: 'StableAudioError', code: 'aborted' }];
      const others = [...lookalikes, stage.revoked(), stage.revoked(() => {}), () => {}];
      seen.others = others.map((value) => isStableAudioError(value));
      const urls = await Promise.all([
        stage.soon(window.at.generateAudio('rain', { ...options, pollIntervalMs: 1000 })),
        stage.soon(other.generateAudio('snow', { ...options, pollIntervalMs: 1000 })),
      ]);
      seen.tracks = urls.map(({ value }) => value);
      return seen;
    });
    assert.deepEqual(seen.other, { brand: true, foreign: false, code: 'invalid_argument' });
    assert.deepEqual(seen.framed, seen.other);
    assert.deepEqual(seen.others, Array(8).fill(false));
    for (const url of seen.tracks) assert.match(url, /\.wav$/);
  });

  it('in a worker sends its errors as JSON, and the page resumes what they hold', async () => {
    await harness.emulator.plan({ poll: [{ finish: true }] });
    const { shown, audio, generation } = await harness.page.run(async () => {
      const { StableAudio, StableAudioError, isStableAudioError, stage, baseUrl } = window.at;
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
      const client = new StableAudio({ apiKey: stage.key, baseUrl });
      const { value: audio } = await stage.soon(client.waitFor(structuredClone(generation), { pollIntervalMs: 1000 }));
      return { shown, audio, generation };
    });
    const common = { ours: true, name: 'StableAudioError', retryable: false, same: true };
    assert.deepEqual(shown, [
      { ...common, code: 'invalid_argument' },
      { ...common, code: 'callback_failed' },
    ]);
    assert.equal(audio.generationId, generation.id);
  });

  it('may clone, freeze and stringify snapshots: they resume', async () => {
    const seen = await harness.page.run(async () => {
      const { StableAudio, stage } = window.at;
      const { fetch } = stage.service();
      const client = new StableAudio({ apiKey: stage.key, baseUrl: stage.elsewhere, fetch });
      const snapshot = await client.submit('rain');
      const copies = {
        cloned: structuredClone(snapshot),
        stringified: JSON.parse(JSON.stringify(snapshot)),
        frozen: Object.freeze({ ...snapshot }),
        proxied: new Proxy({ ...snapshot }, {}),
        'of a later version': { ...snapshot, mood: { good: true } },
        'of which only the id is left': { id: snapshot.id, status: 'queued' },
      };
      const seen = {};
      for (const [name, copy] of Object.entries(copies)) {
        const before = JSON.stringify(copy);
        const { value, told } = await stage.soon(client.check(copy));
        seen[name] = [value?.status ?? told.code, value !== copy && JSON.stringify(copy) === before];
      }
      const done = await client.check(snapshot);
      const same = (other) => JSON.stringify(other) === JSON.stringify(done);
      seen.itself = [done.status, same(structuredClone(done)) && same(await client.check(done))];
      return seen;
    });
    for (const [name, end] of Object.entries(seen)) assert.deepEqual(end, ['completed', true], name);
  });

  it('may tamper with snapshots: the field is named, and nothing is sent', async () => {
    const { seen, sent } = await harness.page.run(async (tampered) => {
      const { StableAudio, stage } = window.at;
      const { fetch, requests } = stage.service();
      const client = new StableAudio({ apiKey: stage.key, baseUrl: stage.elsewhere, fetch });
      const good = { id: 'x', status: 'queued', submittedAt: Date.now(), polling: {} };
      const polling = new Set(['checks', 'errors', 'notFound', 'unknownStatus', 'missingUrl', 'lastError']);
      const seen = [];
      for (const [field, values, more] of tampered) {
        const unsayable = field === 'id' || field === 'error' ? [] : [Number.NaN, Infinity, 5n, Symbol('x')];
        for (const value of [...values, ...unsayable]) {
          for (const method of ['check', 'waitFor']) {
            const changed = field in good || !polling.has(field) ? { [field]: value } : { polling: { [field]: value } };
            const call = client[method]({ ...good, ...more, ...changed }, { timeoutMs: 500 });
            const { told } = await stage.soon(call);
            seen.push([field, String(JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? 'big' : v))), told]);
          }
        }
      }
      return { seen, sent: requests.length };
    }, tampered);
    const wrong = seen.filter(
      ([field, , told]) =>
        told?.code !== 'invalid_argument' ||
        !(field === 'request' ? /request|prompt|steps|seconds/ : new RegExp(field)).test(told.message),
    );
    assert.deepEqual(
      wrong.map(([field, value, told]) => `${field} ${value}: ${told?.code} ${told?.message}`),
      [],
    );
    assert.equal(sent, 0);
  });

  it('may replace the clocks and setTimeout before the module is loaded: they drive a whole job', async () => {
    const seen = await harness.page.run(async () => {
      const { StableAudio, stage } = window.at;
      const words = ['queued', 'generating', 'generating', 'pondering', 'completed'];
      const client = (words) =>
        new StableAudio({
          apiKey: stage.key,
          baseUrl: stage.elsewhere,
          fetch: stage.service(words, stage.plainReply).fetch,
        });
      const real = performance.now();
      const timers = stage.fakeTimers();
      const done = await timers.run(client(words).generate('rain', { pollIntervalMs: 10_000 }));
      const late = await timers.run(client(['queued']).generate('rain'));
      timers.end();
      return { done, late, took: performance.now() - real };
    });
    assert.match(seen.done.value, /track\.wav$/);
    assert.ok(seen.done.ms >= 40_000 && seen.done.ms < 45_000, `${seen.done.ms}`);
    assert.equal(seen.late.told.code, 'deadline');
    assert.ok(seen.late.ms >= 600_000 && seen.late.ms < 601_000, `${seen.late.ms}`);
    assert.deepEqual([seen.done.left, seen.late.left], [0, 0]);
    assert.ok(seen.took < 30_000);
  });
});
