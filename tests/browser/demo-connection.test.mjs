// The demo as a static page, with a key and without: what it says of what is under way, and of the account.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { demoKey } from '../../tools/emulator.mjs';
import { openDemo } from './demo/open.mjs';
import { engine } from './harness.mjs';

describe(`the connection of the demo in ${engine}`, { timeout: 120_000 }, () => {
  let demo, page, emulator;
  before(async () => {
    demo = await openDemo(engine, { speed: 10 });
    ({ page, emulator } = demo);
  });
  after(() => demo?.close());
  beforeEach(async () => {
    await emulator.reset();
    await page.open('static');
  });

  const isConnected = () => page.read(() => document.querySelector('#connection').dataset.connected);
  const balance = () => page.read(() => document.querySelector('#balance').textContent);

  it('checks the key when it is given, and shows what the account holds', async () => {
    await page.connect({ address: emulator.url, key: demoKey });
    assert.equal(await isConnected(), 'true');
    assert.equal(await balance(), 'The account had $1,000.00 when it was connected.');
    assert.deepEqual(await page.violations(), []);
    await page.shoot(`demo-${engine}-balance`);
    assert.equal(await emulator.posts(), 0);
    assert.ok(!(await page.read(() => document.documentElement.outerHTML)).includes(demoKey));
  });

  it('does not connect with a key that is refused, and says so by its field', async () => {
    await page.connect({ address: emulator.url, key: 'a-wrong-key' });
    assert.equal(await isConnected(), 'false');
    assert.match(await page.element('#connection-mistake').getText(), /does not accept this key\. Nothing was spent/);
    assert.equal(await page.read(() => document.activeElement.id), 'key');
    assert.deepEqual(await page.violations(), []);
    await page.connect({ key: demoKey });
    assert.equal(await isConnected(), 'true');
  });

  for (const [what, fault] of [
    ['that may not read its balance', { status: 403 }],
    ['of an address without balances', { status: 404 }],
    ['where the check gets no answer', { reset: 'before' }],
  ]) {
    it(`connects with a key ${what}, and shows no balance`, async () => {
      await emulator.plan({ billing: [{ ...fault, times: 30 }] });
      await page.connect({ address: emulator.url, key: demoKey });
      assert.equal(await isConnected(), 'true');
      assert.equal(await balance(), '');
    });
  }

  it('says of what is under way that it goes on once the key is given, leads there, and goes on then', async () => {
    await emulator.reset({ speed: 1 });
    await page.connect({ address: emulator.url, key: demoKey });
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1 });
    await page.until('queued');
    await page.reload();
    const { note, actions } = await page.until('queued');
    assert.match(note, /goes on once the key is given/);
    assert.ok(actions.includes('key'), actions.join());
    assert.equal(await page.element('.card [data-action=key]').getText(), 'Give the key to go on');
    assert.deepEqual(await page.violations(), []);
    const asked = (await emulator.requests('GET')).length;
    await page.press('key');
    assert.equal(await page.read(() => document.activeElement.id), 'key');
    await demo.driver.sleep(1500);
    assert.equal((await emulator.requests('GET')).length, asked);
    await emulator.plan({ poll: [{ finish: true }] });
    await page.connect({ key: demoKey });
    // The package asks when a track of the service can be expected, not at once.
    await page.until('completed', 60_000);
    assert.equal(await emulator.posts(), 1);
  });
});
