// The demo for everybody: few colours, no script, no chatter, a way back from Remove, names that tell apart.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';

import { openSite } from '../support/site.mjs';
import { openDemo } from './demo/open.mjs';
import { engine } from './harness.mjs';

const quick = { secondsTotal: 1, steps: 1 };

describe(`the demo for everybody in ${engine}`, { timeout: 180_000 }, () => {
  let demo, page, emulator, driver;
  before(async () => {
    demo = await openDemo(engine, { speed: 10 });
    ({ page, emulator, driver } = demo);
  });
  after(() => demo?.close());
  beforeEach(async () => {
    await emulator.reset();
    await page.open();
  });

  const make = async (prompt) => {
    await emulator.plan({ submit: [{ finish: true }] });
    await page.generate({ prompt, ...quick });
    await page.until('completed');
  };
  const prompts = async () => (await page.cards()).map(({ prompt }) => prompt);
  const stored = () =>
    page.read(() => Object.keys(localStorage).filter((key) => key.startsWith('stable-audio/')).length);
  const focused = () => page.read(() => document.activeElement.getAttribute('aria-label'));

  describe('Remove', () => {
    it('can be undone, keeps the place in the list and the focus', async () => {
      await make('First');
      await make('Second');
      await page.press('remove');
      assert.deepEqual(await prompts(), ['First']);
      assert.equal(await focused(), 'Undo: Second');
      assert.equal(await stored(), 2);
      assert.deepEqual(await page.violations(), []);
      await page.shoot(`demo-${engine}-removed`);
      await driver.sleep(1100);
      await page.element('.removed button').click();
      assert.deepEqual(await prompts(), ['Second', 'First']);
      assert.equal(await focused(), 'Second');
    });

    it('is waited with for as long as the focus is on Undo, and then removes for ever', async () => {
      await make('First');
      await page.press('remove');
      await driver.sleep(9000);
      assert.equal(await stored(), 1);
      await page.element('#prompt').click();
      await page.waitFor(() => document.querySelectorAll('#tracks > li').length === 0, 'it is removed');
      assert.equal(await stored(), 0);
    });

    it('can be undone after a reload, and is done where its time was over while the page was closed', async () => {
      await make('First');
      await page.press('remove');
      await page.reload();
      assert.deepEqual(await prompts(), []);
      // Nobody presses what was not seen yet.
      await driver.sleep(1000);
      await page.element('.removed button').click();
      assert.deepEqual(await prompts(), ['First']);
      await page.press('remove');
      await page.read(() => {
        const due = JSON.parse(localStorage['stable-audio.removals']);
        const past = Object.fromEntries(Object.keys(due).map((key) => [key, Date.now() - 1]));
        localStorage['stable-audio.removals'] = JSON.stringify(past);
      });
      await page.reload();
      await page.waitFor(() => document.querySelectorAll('#tracks > li').length === 0, 'it is removed');
      assert.equal(await stored(), 0);
      assert.equal(await page.read(() => localStorage['stable-audio.removals']), '{}');
    });
  });

  it('names each control of a card after its track, and the label follows what the control says', async () => {
    await make('Slow piano');
    const names = async () =>
      Promise.all(
        ['download', 'remove'].map(async (action) =>
          (await page.element(`.card [data-action=${action}]`)).getAccessibleName(),
        ),
      );
    assert.deepEqual(await names(), ['Download Slow piano', 'Remove Slow piano']);
    assert.equal(await (await page.element('.card .play')).getAccessibleName(), 'Play Slow piano');
  });

  it('says where its script cannot be loaded, and is silent about it otherwise', async () => {
    assert.equal(await page.element('#not-loaded').isDisplayed(), false);
    const index = await readFile(join(demo.built, 'index.html'), 'utf8');
    const styles = /assets\/[^"]+\.css/.exec(index)[0];
    const site = await openSite({
      files: { '/index.html': index, [`/${styles}`]: await readFile(join(demo.built, styles), 'utf8') },
    });
    try {
      await driver.get(site.url);
      assert.equal(await page.element('#not-loaded').isDisplayed(), false);
      await driver.wait(() => page.element('#not-loaded').isDisplayed(), 10_000, 'it says so');
      assert.match(await page.element('#not-loaded').getText(), /Reload the page.*not lost/s);
    } finally {
      await driver.get('about:blank');
      await site.stop();
    }
  });

  const inChromium = { skip: engine !== 'chromium' && 'only the driver of Chromium can show this' };

  it('says that it needs JavaScript where that is switched off', inChromium, async () => {
    await driver.sendDevToolsCommand('Emulation.setScriptExecutionDisabled', { value: true });
    try {
      await driver.navigate().refresh();
      assert.match(await page.element('body').getText(), /needs JavaScript/);
    } finally {
      await driver.sendDevToolsCommand('Emulation.setScriptExecutionDisabled', { value: false });
    }
  });

  it('shows states, progress, icons, the waveform and a part of it in forced colours', inChromium, async () => {
    await make('Done');
    await page.waitFor(() => Boolean(document.querySelector('.wave > div')), 'the waveform is drawn');
    await page.waitFor(() => Boolean(document.querySelector('button.part')), 'a part can be chosen');
    await page.element('button.part').click();
    await page.waitFor(() => Boolean(document.querySelector('.loop-part')), 'a part is chosen');
    await emulator.plan({ submit: [{ status: 403 }] });
    await page.generate({ prompt: 'Refused', ...quick });
    await page.until('failed');
    await emulator.reset({ speed: 1 });
    await page.generate({ prompt: 'Under way', secondsTotal: 1, steps: 100 });
    await page.until('generating', 30_000);
    const features = [{ name: 'forced-colors', value: 'active' }];
    await driver.sendDevToolsCommand('Emulation.setEmulatedMedia', { features });
    try {
      assert.deepEqual(await page.violations(), []);
      const background = (...given) =>
        page.read((css, pseudo) => getComputedStyle(document.querySelector(css), pseudo).backgroundColor, ...given);
      const canvas = await background('body');
      for (const css of [
        '[data-phase=completed] .word',
        '[data-phase=generating] .word',
        '[data-phase=completed] .play',
      ]) {
        const seen = await background(css, '::before');
        assert.ok(![canvas, 'rgba(0, 0, 0, 0)'].includes(seen), `${css}: ${seen} on ${canvas}`);
      }
      await page.waitFor(isDrawnInText, 'the waveform has the colour of the text');
      assert.doesNotMatch(await page.read(partShade), /rgba\(0, 0, 0, 0\)|\/ 0\)/);
      await page.show({ width: 1280, height: 900, whole: true });
      await driver.sendDevToolsCommand('Emulation.setEmulatedMedia', { features });
      await page.shoot(`demo-${engine}-forced-colors`);
    } finally {
      await driver.sendDevToolsCommand('Emulation.setEmulatedMedia', { features: [] });
      await page.show({ width: 1280, height: 900, dark: false });
    }
  });
});

// What follows runs in the page.

/** Whether what is drawn most strongly of the waveform has the colour of the page's text. */
function isDrawnInText() {
  const drawn = document.querySelector('.wave > div').shadowRoot.querySelector('canvas');
  const { data } = drawn.getContext('2d').getImageData(0, 0, drawn.width, drawn.height);
  const text = getComputedStyle(document.body).color.match(/\d+/g).map(Number);
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] === 255) return text.every((value, index) => data[at + index] === value);
  }
  return false;
}

function partShade() {
  return getComputedStyle(document.querySelector('.wave > div').shadowRoot.querySelector('[part~=region]'))
    .backgroundColor;
}
