// Calls of slim while the module that was given to `ready` does not load.

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
    // A new copy, so that the modules of other tests do not interfere.
    slim = await import(`${pathToFileURL(join(packed.folder, 'dist', 'slim.js'))}?${count++}`);
    slim.ready(new Promise(() => {})).catch(() => {});
  });
  const client = () => new slim.StableAudio({ apiKey: 'key', baseUrl: 'https://service.test', recovery: 'logs' });

  it('a deadline before the module has loaded has the generation of a bare id', async () => {
    const error = await failed(client().waitFor('abc', { timeoutMs: 5 }));
    assert.deepEqual([error.code, error.generation.id, error.generation.status], ['deadline', 'abc', 'queued']);
    assert.deepEqual(Object.keys(error.generation).toSorted(), ['id', 'polling', 'status', 'submittedAt']);
  });

  it('a call with an aborted signal leaves no timer behind before the module has loaded', async () => {
    const before = timers();
    const error = await failed(client().generate('rain', { signal: AbortSignal.abort('no') }));
    assert.deepEqual([error.code, error.cause, timers()], ['aborted', 'no', before]);
  });

  it('a call settles even if the clock throws before the module has loaded', async () => {
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

  it('slim reads no option from Object.prototype', async () => {
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

  it('a recover that times out before the module has loaded does not say that nothing was spent', async () => {
    const error = await failed(client().recover('key-1', { timeoutMs: 5 }));
    assert.match(error.message, /the submit may have been billed/);
  });
});
