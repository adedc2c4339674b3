// The packed package in Node: no side effects when it is imported, and nothing that keeps a process alive.

import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';

import { openEmulator } from '../support/emulator.mjs';
import { unpackPackage } from '../support/packed-package.mjs';
import { capture } from '../../tools/run.mjs';

describe('the package in Node', { timeout: 120_000 }, () => {
  let packed;
  let emulator;
  before(async () => {
    packed = await unpackPackage();
    // A project that has the package among its modules.
    const modules = join(dirname(packed.folder), 'node_modules');
    await mkdir(modules);
    await symlink(packed.folder, join(modules, packed.manifest.name), 'junction');
    emulator = await openEmulator({ speed: 400 });
  });
  after(async () => {
    await emulator?.stop();
    await packed?.remove();
  });
  beforeEach(() => emulator.reset());

  let count = 0;
  /** Runs a module of that project to its own end; resolves to the JSON that it prints last. */
  async function run(source, { ending = 'mjs' } = {}) {
    const file = join(dirname(packed.folder), `test-${(count += 1)}.${ending}`);
    await writeFile(file, source);
    const env = { ...process.env, BASE: emulator.url, NODE_OPTIONS: '' };
    const { code, output } = await capture(process.execPath, ['--no-warnings', file], { env, timeout: 20_000 });
    assert.equal(code, 0, output);
    return JSON.parse(output.trim().split('\n').at(-1));
  }
  const client = `import { StableAudio, StableAudioError, isStableAudioError } from 'stable-audio-client';
    const client = new StableAudio({ apiKey: 'demo-key', baseUrl: process.env.BASE });
    const failed = (call) => call.then((value) => { throw new Error(String(value)); }, (error) => error);`;

  it('importing the package sets no global, timer or listener, and loads no module', async () => {
    const seen = await run(`
      const calls = [];
      for (const name of ['setTimeout', 'setInterval', 'queueMicrotask', 'fetch', 'addEventListener']) {
        const own = globalThis[name];
        globalThis[name] = (...given) => { calls.push(name); return own?.(...given); };
      }
      for (const name of ['instantiate', 'compile', 'instantiateStreaming', 'compileStreaming']) {
        WebAssembly[name] = () => { calls.push(name); };
      }
      const state = () => [Reflect.ownKeys(globalThis).length, process.eventNames().length];
      const before = state();
      const { StableAudio } = await import('stable-audio-client');
      new StableAudio({ apiKey: 5, nonsense: true });
      const changed = state().some((number, index) => number !== before[index]);
      const resources = process.getActiveResourcesInfo().filter((name) => /Time|Immediate/.test(name));
      console.log(JSON.stringify({ calls, changed, resources }));`);
    assert.deepEqual(seen, { calls: [], changed: false, resources: [] });
  });

  it('a process that generates and downloads ends by itself', async () => {
    const { url, type, size } = await run(`${client}
      const url = await client.generate({ prompt: 'rain', secondsTotal: 2 }, { pollIntervalMs: 1000 });
      const blob = await client.download(url);
      console.log(JSON.stringify({ url, type: blob.type, size: blob.size }));`);
    assert.match(url, /\.wav$/);
    assert.equal(type, 'audio/wav');
    assert.ok(size > 100_000, `${size} bytes`);
    assert.equal((await emulator.ledger()).generations.length, 1);
  });

  it('calls in Node fail with the same errors as in browsers', async () => {
    await emulator.plan({ submit: [{ status: 503 }, { redirect: '/elsewhere' }] });
    const seen = await run(`${client}
      const { generateAudio } = await import('stable-audio-client');
      const other = (options) => failed(generateAudio('rain', { apiKey: 'other', baseUrl: process.env.BASE, ...options }));
      const errors = [
        await failed(client.submit('rain')),
        await failed(client.submit('rain')),
        await failed(client.submit(' ')),
        await other({}),
        await other({ apiKey: 'broke-key' }),
        await other({ baseUrl: '/api' }),
        await other({ baseUrl: 'http://127.0.0.1:9', timeoutMs: 5000 }),
        await failed(client.generate('rain', { signal: AbortSignal.abort('enough') })),
      ];
      console.log(JSON.stringify(errors.map((error) => [error.code, isStableAudioError(error), String(error.cause).slice(0, 9)])));`);
    const refused = ['rejected', 'invalid_argument', 'unauthorized', 'out_of_credits', 'invalid_argument'];
    const codes = seen.map(([code]) => code);
    assert.deepEqual(codes, ['submit_unknown', ...refused, 'submit_unknown', 'aborted']);
    assert.ok(seen.every(([, ours]) => ours));
    assert.deepEqual([seen[6][2], seen[7][2]], ['TypeError', 'enough']);
  });

  it('nothing keeps a process alive after an abort, a deadline or a failing callback', async () => {
    await emulator.plan({ poll: [{ hang: true }, { hang: true }] });
    const start = Date.now();
    const seen = await run(`${client}
      const controller = new AbortController();
      const codes = [];
      const generation = await client.submit('rain');
      const aborted = failed(client.waitFor(generation, { signal: controller.signal, pollIntervalMs: 1000 }));
      setTimeout(() => controller.abort(), 200);
      codes.push((await aborted).code);
      codes.push((await failed(client.check(generation, { timeoutMs: 200 }))).code);
      const never = new StableAudio({ apiKey: () => new Promise(() => {}), baseUrl: process.env.BASE });
      codes.push((await failed(never.submit('rain', { timeoutMs: 200 }))).code);
      const onSubmitted = () => { throw new Error('full'); };
      codes.push((await failed(client.generate('rain', { onSubmitted }))).code);
      console.log(JSON.stringify(codes));`);
    assert.deepEqual(seen, ['aborted', 'deadline', 'deadline', 'callback_failed']);
    assert.ok(Date.now() - start < 10_000);
  });

  it('an onStatus that fails in Node is reported, and the call continues', async () => {
    await emulator.plan({ poll: [{ finish: true }] });
    const { url, reported } = await run(`${client}
      const reported = [];
      globalThis.reportError = undefined;
      console.error = (error) => reported.push(error.message);
      const onStatus = async () => { throw new Error('broken'); };
      const url = await client.generate('rain', { onStatus, pollIntervalMs: 1000 });
      await new Promise((resolve) => setTimeout(resolve, 20));
      console.log(JSON.stringify({ url, reported }));`);
    assert.match(url, /\.wav$/);
    assert.deepEqual(reported, ['broken']);
  });

  it('errors cross threads as JSON, and their generations can be resumed', async () => {
    await emulator.plan({ poll: [{ finish: true }] });
    const { same, ours, audio, id } = await run(`${client}
      import { Worker } from 'node:worker_threads';
      const source = ${JSON.stringify(`${client}
        import { parentPort } from 'node:worker_threads';
        const onSubmitted = () => { throw new Error('full'); };
        parentPort.postMessage((await failed(client.generate('rain', { onSubmitted }))).toJSON());`)};
      const file = new URL('thread.mjs', import.meta.url);
      (await import('node:fs')).writeFileSync(file, source);
      const data = await new Promise((resolve, reject) => {
        const thread = new Worker(file);
        thread.on('message', resolve);
        thread.on('error', reject);
      });
      const error = StableAudioError.fromJSON(data);
      const { generation } = error;
      const ours = error instanceof StableAudioError && isStableAudioError(error);
      const audio = await client.waitFor(generation, { pollIntervalMs: 1000 });
      const same = JSON.stringify(error) === JSON.stringify(data) && error.code === 'callback_failed';
      console.log(JSON.stringify({ same, ours, audio, id: generation.id }));`);
    assert.deepEqual([same, ours], [true, true]);
    assert.equal(audio.generationId, id);
    assert.equal((await emulator.ledger()).generations.length, 1);
  });

  it(
    'the package can be loaded by require()',
    { skip: !process.features.require_module && 'not in this Node' },
    async () => {
      const code = await run(
        `const { generateAudio } = require('stable-audio-client');
      generateAudio(' ', { apiKey: 'demo-key' }).catch(({ code }) => console.log(JSON.stringify(code)));`,
        { ending: 'cjs' },
      );
      assert.equal(code, 'invalid_argument');
    },
  );
});
