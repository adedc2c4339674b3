// "Break it" at the demo: what is broken on purpose, what the card says of it, and the emulator's own account.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { openDemo } from './demo/open.mjs';
import { engine } from './harness.mjs';

const once = /account: 1 POST · \d+ GETs? · 25,200 credits, charged once\. The page believes: \d+ checks?, paid for\./;

describe(`what is broken on purpose at the demo in ${engine}`, { timeout: 240_000 }, () => {
  let demo, page, emulator;
  before(async () => {
    demo = await openDemo(engine, { speed: 20 });
    ({ page, emulator } = demo);
  });
  after(() => demo?.close());
  beforeEach(async () => {
    await emulator.reset();
    await page.open();
  });

  const breakIt = async (fault) => {
    await page.waitFor(() => !document.querySelector('#faults').hidden, 'faults are offered');
    await page.read(() => (document.querySelector('#faults').open = true));
    await page.element(`[data-fault=${fault}]`).click();
    await page.waitFor(() => document.activeElement.id === 'generate', 'the fault is planned');
    assert.match(await page.element('#faults .status').getText(), /^Generate a track: /);
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1 });
  };
  /** What the newest card says, once it says so. */
  const account = async (wanted) => {
    let text;
    await demo.driver.wait(
      async () => {
        text = await page.element('.account').getText();
        return wanted.test(text);
      },
      5000,
      () => `the account matches ${wanted}: ${text}`,
    );
  };

  for (const [fault, label, looksUp] of [
    ['lose-reply', 'a reply that is lost'],
    ['reset', 'a connection that is reset after the charge', true],
    ['error', 'a 500 after the charge', true],
    ['leave', 'a page that is loaded anew in the middle of a submit'],
  ]) {
    it(`${label} costs no track, and is charged once`, async () => {
      await breakIt(fault);
      if (looksUp) {
        await page.waitFor(
          () =>
            /is being looked up/.test(document.querySelector('.note')?.innerText) ||
            document.querySelector('[data-phase=completed]'),
          'it says what is done, unless that is done at once',
        );
      }
      // The emulator's logs are looked into every 20 s.
      await page.until('completed', 40_000);
      await account(once);
      assert.equal(await emulator.charges(), 1);
    });
  }

  it('a generation that fails is not charged, by the account too', async () => {
    await breakIt('fail');
    assert.match((await page.until('failed')).note, /not billed/);
    await account(/ 1 POST · \d+ GETs? · 0 credits, not charged\. The page believes: \d+ checks?, nothing spent\./);
    await page.press('retry');
    await page.until('completed');
    await account(/ 2 POSTs · \d+ GETs? · 25,200 credits, charged once\./);
  });

  it('a refusal for a minute is told, and nothing is charged', async () => {
    await breakIt('busy');
    await page.waitFor(() => /asks for a pause until/.test(document.querySelector('.note')?.innerText), 'it is told');
    await account(/ 1 POST · 0 GETs · 0 credits, not charged\. The page believes: nothing yet\./);
    assert.equal(await emulator.charges(), 0);
  });

  it('a file that is lost is told, and can be had later', async () => {
    await breakIt('lose-file');
    await page.until('completed');
    await page.waitFor(() => document.querySelector('.note').innerText.includes('cannot be played'), 'it says so');
    await account(once);
  });

  it('a track of an emulator that has been started anew since is not taken for one that has its id', async () => {
    await emulator.plan({ submit: [{ finish: true, times: 2 }] });
    await page.generate({ prompt: 'Old', secondsTotal: 1 });
    await page.until('completed');
    const [{ id }] = (await emulator.ledger()).generations;
    await emulator.reset();
    await page.generate({ prompt: 'New', secondsTotal: 1 });
    await page.until('completed');
    assert.equal((await emulator.ledger()).generations[0].id, id);
    await account(once);
    const old = await page.read(() => document.querySelectorAll('.account')[1].innerText);
    assert.match(old, /has seen no submit of it/);
  });

  it('is not offered with the service itself', async () => {
    await page.open('service');
    assert.equal(await page.element('#faults').isDisplayed(), false);
  });

  it('gives axe nothing to complain of', async () => {
    await breakIt('fail');
    await page.until('failed');
    await account(/not charged/);
    assert.deepEqual(await page.violations(), []);
    await page.shoot(`demo-${engine}-faults`);
  });
});
