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

  it('shows the form above the tracks, and its button within the height of a popup', async () => {
    const { browser } = extension;
    await browser.goTo('panel.html?popup');
    // No browser gives a popup more than 600 pixels, nor Firefox a window less than 450.
    await browser.resize({ width: 450, height: 600 });
    const [button, tracks] = await extension.inPage(() =>
      ['#generate', '#tracks'].map((css) => document.querySelector(css).getBoundingClientRect()),
    );
    assert.ok(
      button.bottom < tracks.top,
      `the button ends at ${button.bottom} px, the tracks begin at ${tracks.top} px`,
    );
    assert.ok(button.bottom < 600, `the button ends at ${button.bottom} px`);
  });
});
