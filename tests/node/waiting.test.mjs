// What a call of slim does while the module that the page brings does not come.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

import { unpackPackage } from '../support/packed-package.mjs';

const failed = (call) => call.then(assert.fail, (error) => error);
const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('while ready(source) has no answer', { timeout: 30_000 }, () => {
  let packed;
  let count = 0;
  let slim;
  before(async () => {
    packed = await unpackPackage();
  });
  after(() => packed?.remove());
  beforeEach(async () => {
    // A copy of its own, so that nothing of another test is on its way.
    slim = await import(`${pathToFileURL(join(packed.folder, 'dist', 'slim.js'))}?${count++}`);
    slim.ready(new Promise(() => {})).catch(() => {});
  });
  const client = () => new slim.StableAudio({ apiKey: 'key', baseUrl: 'https://service.test', recovery: 'logs' });

  it('a deadline tells the generation of a bare id', async () => {
    const error = await failed(client().waitFor('abc', { timeoutMs: 5 }));
    assert.deepEqual([error.code, error.generation.id, error.generation.status], ['deadline', 'abc', 'queued']);
    assert.deepEqual(Object.keys(error.generation).toSorted(), ['id', 'polling', 'status', 'submittedAt']);
  });

  it('a signal that was aborted before leaves no timer behind', async () => {
    const before = timers();
    const error = await failed(client().generate('rain', { signal: AbortSignal.abort('no') }));
    assert.deepEqual([error.code, error.cause, timers()], ['aborted', 'no', before]);
  });

  it('a clock that throws still settles the call', async () => {
    const { now } = Date;
    Date.now = () => {
      throw new Error('no clock');
    };
    try {
      assert.equal((await failed(client().check('abc', { timeoutMs: 5 }))).code, 'deadline');
    } finally {
      Date.now = now;
    }
  });

  it('what Object.prototype was given is no option', async () => {
    // oxlint-disable-next-line no-extend-native
    Object.defineProperty(Object.prototype, 'timeoutMs', { value: 5, configurable: true });
    const controller = new AbortController();
    class Options {
      pollIntervalMs = 1000;
      signal = controller.signal;
    }
    try {
      const late = new Promise((resolve) => setTimeout(resolve, 100, 'still waiting'));
      const call = client().generate('rain', new Options());
      assert.equal(await Promise.race([call, late]), 'still waiting');
      controller.abort();
      assert.equal((await failed(call)).code, 'aborted');
    } finally {
      // Otherwise its ten minutes would keep the process alive.
      controller.abort();
      delete Object.prototype.timeoutMs;
    }
  });

  it('a look-up does not say that nothing was spent', async () => {
    const error = await failed(client().recover('key-1', { timeoutMs: 5 }));
    assert.match(error.message, /the submit may have been billed/);
  });
});
