// What a person meets who has just installed the extension.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { openExtension } from './open.mjs';

const engine = process.env.ENGINE ?? 'chromium';

describe(`the extension, just installed in ${engine}`, { timeout: 120_000 }, () => {
  let extension;
  before(async () => {
    extension = await openExtension(engine, { speed: 10 });
  });
  after(() => extension?.close());

  it('opens its options, once, and nothing else of its own', async () => {
    const own = (await extension.browser.addresses()).filter((address) => address.includes('-extension://'));
    assert.deepEqual(
      own.map((address) => new URL(address).pathname),
      ['/options.html'],
    );
  });
});
