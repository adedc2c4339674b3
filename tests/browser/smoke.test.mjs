// The test harness: a page loads, reaches the emulator on its other origin, and reports errors.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { engine, openHarness } from './harness.mjs';

describe(`a page in ${engine}`, { timeout: 120_000 }, () => {
  let harness;
  before(async () => (harness = await openHarness()));
  after(() => harness?.close());
  beforeEach(() => harness.page.open());

  it('a page imports the packed package', async () => {
    const names = await harness.page.run(async () => {
      return Object.keys(await import('stable-audio-client'));
    });
    assert.ok(names.length > 0);
  });

  it('a page reaches the emulator across origins', async () => {
    const { page, emulator } = harness;
    const status = await page.run(async (base) => {
      const headers = { authorization: 'Bearer demo-key' };
      const reply = await fetch(`${base}/v2/generate/audio?generation_id=none`, { headers });
      return reply.status;
    }, emulator.url);
    assert.equal(status, 404);
  });

  it('an error that is thrown in a page is thrown in the test', async () => {
    const failure = harness.page.run(async () => {
      throw Object.assign(new TypeError('no'), { code: 'a_code', cause: 'why' });
    });
    await assert.rejects(failure, {
      name: 'TypeError',
      message: 'no',
      code: 'a_code',
      cause: { name: 'string', message: 'why' },
    });
  });
});
