// What somebody sees of the demo who comes for the first time, and what it takes to get there.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { brotliCompressSync } from 'node:zlib';

import { openDemo } from './demo/open.mjs';
import { engine } from './harness.mjs';

/** Of all that the first view loads, each file compressed by brotli. */
const mostBytes = 75_000;
/** Cumulative layout shift; up to here it is good by https://web.dev/articles/cls. */
const mostShift = 0.1;

describe(`the first view of the demo in ${engine}`, { timeout: 120_000 }, () => {
  let demo, page;
  before(async () => {
    demo = await openDemo(engine, { speed: 10 });
    ({ page } = demo);
  });
  after(() => demo?.close());
  beforeEach(() => page.open());

  for (const [screen, width, height] of [
    ['a small laptop', 1366, 640],
    ['a phone', 360, 740],
  ]) {
    it(`on ${screen} Generate is seen without scrolling`, async () => {
      await page.show({ width, height, dark: false });
      const { bottom, top } = await page.read(() => document.querySelector('#generate').getBoundingClientRect());
      await page.shoot(`demo-${engine}-first-${width}`);
      assert.ok(top > 0 && bottom <= height, `from ${top} to ${bottom} of ${height}`);
      await page.show({ width: 1280, height: 900, dark: false });
    });
  }

  it('Generate can be pressed before anything is typed, and is never grey without saying why', async () => {
    const isGrey = () => page.read(() => document.querySelector('#generate').getAttribute('aria-disabled') === 'true');
    const mistakes = () =>
      page.read(() => [...document.querySelectorAll('#form .mistake:not([hidden])')].map((line) => line.innerText));
    assert.equal(await isGrey(), false);
    assert.deepEqual(await mistakes(), []);
    await page.element('#generate').click();
    await page.waitFor(() => document.activeElement.id === 'prompt', 'the prompt is gone to');
    assert.deepEqual(await mistakes(), ['The prompt is empty: what should it sound like?']);
    assert.equal(await isGrey(), true);
    await page.type('prompt', 'Slow piano');
    await page.waitFor(() => document.querySelector('#prompt-mistake').hidden, 'the mistake is gone');
    assert.equal(await isGrey(), false);
  });

  it('Start and Steps are under "Advanced", which says what it holds and opens where something is wrong', async () => {
    const isOpen = () => page.read(() => document.querySelector('.advanced').open);
    const values = () => page.element('#advanced-values').getText();
    assert.equal(await isOpen(), false);
    assert.equal(await values(), '');
    await page.type('steps', '60');
    await page.type('secondsStart', '4');
    await page.waitFor(() => document.querySelector('#advanced-values').innerText !== '', 'it says what it holds');
    assert.equal(await values(), 'from 4 s · 60 steps');
    await page.type('steps', '1001');
    await page.read(() => (document.querySelector('.advanced').open = false));
    await page.type('prompt', 'Slow piano');
    await page.element('#generate').click();
    await page.waitFor(() => document.activeElement.id === 'steps', 'the mistake is gone to');
    assert.equal(await isOpen(), true);
  });

  const measured = { skip: engine !== 'chromium' && 'only Chromium measures it' };
  for (const mode of ['emulator', 'service', 'static']) {
    it(`moves next to nothing that is seen already while it loads, as ${mode}`, measured, async () => {
      for (const [width, height] of [
        [1366, 768],
        [360, 740],
      ]) {
        await page.show({ width, height, dark: false });
        await page.open(mode);
        const shift = await page.read(layoutShift);
        assert.ok(shift < mostShift, `${shift} at ${width}×${height}`);
      }
      await page.show({ width: 1280, height: 900, dark: false });
    });
  }

  it(`loads at most ${mostBytes} bytes`, async () => {
    await page.open('static');
    const names = await page.read(() => {
      const { href } = new URL('.', location);
      const loaded = performance.getEntriesByType('resource').map(({ name }) => name.slice(href.length));
      return ['index.html', ...loaded];
    });
    const sizes = await Promise.all(
      [...new Set(names)].map(async (name) => [
        name,
        brotliCompressSync(await readFile(join(demo.built, name))).length,
      ]),
    );
    const sum = sizes.reduce((total, [, size]) => total + size, 0);
    console.log(`# the first view in ${engine}: ${sum} bytes, of ${sizes.map((entry) => entry.join(' ')).join(', ')}`);
    assert.ok(sum <= mostBytes, `${sum} bytes`);
  });
});

// Runs in the page.
function layoutShift() {
  return new Promise((resolve) => {
    const observer = new PerformanceObserver((list) => {
      resolve(list.getEntries().reduce((total, { value }) => total + value, 0));
    });
    observer.observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => resolve(0), 500);
  });
}
