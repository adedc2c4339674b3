// What the demo says of money before it is spent, and the question that it asks above a limit.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { openDemo } from './demo/open.mjs';
import { engine } from './harness.mjs';

describe(`spending at the demo in ${engine}`, { timeout: 120_000 }, () => {
  let demo, page, emulator;
  before(async () => {
    demo = await openDemo(engine, { speed: 10 });
    ({ page, emulator } = demo);
  });
  after(() => demo?.close());
  beforeEach(async () => {
    await emulator.reset();
    await page.open();
  });

  const spent = () => page.element('#spent').getText();
  const isAsked = () => page.read(() => document.querySelector('#spending').open);
  const answer = (value) => page.element(`#spending button[value="${value}"]`).click();
  const dear = (prompt) => page.generate({ prompt, secondsTotal: 1, steps: 1000 });

  it('tells the price in money on the button, and the credits beside it, without repeating itself', async () => {
    const label = () => page.element('#generate').getText();
    assert.equal(await label(), 'Generate · about 1.3 ¢');
    await page.read(() => {
      window.told = 0;
      new MutationObserver(() => (window.told += 1)).observe(document.querySelector('#price'), { childList: true });
    });
    await page.type('prompt', 'Slow piano');
    assert.equal(await page.read(() => window.told), 0);
    await page.type('steps', '1000');
    await page.waitFor(() => document.querySelector('#generate').innerText.includes('12.6 ¢'), 'the price follows');
    assert.equal(await page.element('#price').getText(), '≈ 252,000 credits');
    await page.type('steps', '1');
    await page.waitFor(() => document.querySelector('#generate').innerText.includes('0.01 ¢'), 'it is never nothing');
    await page.type('steps', '0');
    await page.waitFor(() => document.querySelector('#generate').innerText === 'Generate', 'no price is known');
  });

  it('sums up what this tab has spent, without what failed, and remembers it over a reload', async () => {
    await emulator.plan({ submit: [{ finish: true }, { fail: 'message', finish: true }, { status: 403 }] });
    await page.generate({ prompt: 'First', secondsTotal: 1 });
    await page.until('completed');
    assert.equal(await spent(), '1.3 ¢ in this session, not real');
    await page.generate({ prompt: 'Second', secondsTotal: 1 });
    await page.until('failed');
    await page.generate({ prompt: 'Third', secondsTotal: 1 });
    await page.waitFor(() => document.querySelectorAll('[data-phase=failed]').length === 2, 'it is refused');
    assert.equal(await spent(), '1.3 ¢ in this session, not real');
    await page.press('remove');
    await page.reload();
    assert.equal(await spent(), '1.3 ¢ in this session, not real');
  });

  it('asks once above its limit, sends nothing on "Not now", and one request on the other answer', async () => {
    await emulator.plan({ submit: [{ finish: true, times: 4 }] });
    await dear('First');
    await page.until('completed');
    assert.equal(await isAsked(), false);
    await dear('Second');
    assert.equal(await isAsked(), true);
    assert.match(await page.element('#spending').getText(), /comes to about 25\.2 ¢, which is not real/);
    assert.deepEqual(await page.violations(), []);
    await page.shoot(`demo-${engine}-spending`);
    await answer('');
    await demo.driver.sleep(1500);
    assert.equal(await emulator.posts(), 1);
    await dear('Second');
    await answer('spend');
    await page.waitFor(() => document.querySelectorAll('[data-phase=completed]').length === 2, 'it is made');
    assert.equal(await emulator.posts(), 2);
    await dear('Third');
    assert.equal(await isAsked(), false);
    await page.waitFor(() => document.querySelectorAll('[data-phase=completed]').length === 3, 'it is made');
    assert.equal(await emulator.posts(), 3);
    assert.equal(await spent(), '37.8 ¢ in this session, not real');
  });

  it('asks before a retry, too', async () => {
    await emulator.plan({ submit: [{ finish: true }, { status: 401 }, { finish: true, times: 2 }] });
    await dear('First');
    await page.until('completed');
    await page.generate({ prompt: 'Second', secondsTotal: 1, steps: 950 });
    await page.until('failed');
    await page.generate({ prompt: 'Third', secondsTotal: 1, steps: 100 });
    await page.until('completed');
    const retry = () => page.read(() => document.querySelector('[data-action=retry]:not([hidden])').click());
    await retry();
    assert.equal(await isAsked(), true);
    await answer('');
    await demo.driver.sleep(1500);
    assert.equal(await emulator.posts(), 3);
    await retry();
    await answer('spend');
    await page.waitFor(() => document.querySelectorAll('[data-phase=completed]').length === 3, 'it is made');
    assert.equal(await emulator.posts(), 4);
  });
});
