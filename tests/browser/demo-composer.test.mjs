// What helps to write a prompt at the demo: words to add, examples, a way back, and a draft.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { Key } from 'selenium-webdriver';

import { hasWords, toggleWords } from '../../www/prompt-words.js';
import { openDemo } from './demo/open.mjs';
import { engine } from './harness.mjs';

describe('words of a prompt', () => {
  const moods = { words: ['calm', 'dark'] };
  const tempi = { words: ['70 bpm', '120 bpm'], one: true };
  for (const [name, prompt, words, group, wanted] of [
    ['begin an empty prompt', '', 'calm', moods, 'calm'],
    ['are added after a comma', 'Slow piano', 'calm', moods, 'Slow piano, calm'],
    ['are added after one comma where the prompt ends with one', 'Slow piano, ', 'calm', moods, 'Slow piano, calm'],
    ['are taken away where the prompt has them', 'Slow piano, calm, dark', 'calm', moods, 'Slow piano, dark'],
    ['are taken away from the beginning', 'Calm, slow piano', 'calm', moods, 'slow piano'],
    ['are no part of other words', 'A calm piano', 'calm', moods, 'A calm piano, calm'],
    ['of a tempo take the place of another tempo', 'Jazz, 70 bpm, calm', '120 bpm', tempi, 'Jazz, calm, 120 bpm'],
  ]) {
    it(name, () => {
      assert.equal(toggleWords(prompt, words, group), wanted);
      assert.equal(hasWords(wanted, words), !hasWords(prompt, words));
    });
  }
});

describe(`the composer of the demo in ${engine}`, { timeout: 120_000 }, () => {
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

  const prompt = () => page.element('#prompt').getAttribute('value');
  const pressChip = (words) =>
    page.read(
      (wanted) => [...document.querySelectorAll('#words button')].find((chip) => chip.innerText === wanted).click(),
      words,
    );
  const pressed = () =>
    page.read(() => [...document.querySelectorAll('#words [aria-pressed=true]')].map((chip) => chip.innerText));

  it('adds words at a press, takes them away at the next, and sends nothing', async () => {
    await page.type('prompt', 'Slow piano');
    assert.equal(await page.element('#words').isDisplayed(), false);
    await page.element('#words-opener').click();
    await pressChip('calm');
    await pressChip('90 bpm');
    assert.equal(await prompt(), 'Slow piano, calm, 90 bpm');
    assert.deepEqual(await pressed(), ['calm', '90 bpm']);
    assert.deepEqual(await page.violations(), []);
    await page.shoot(`demo-${engine}-words`);
    await pressChip('calm');
    assert.equal(await prompt(), 'Slow piano, 90 bpm');
    assert.equal(await emulator.posts(), 0);
  });

  it('goes back from each press, an example too, to what was written by hand', async () => {
    const undo = () => page.element('#undo');
    await page.type('prompt', 'My own words');
    assert.equal(await undo().isDisplayed(), false);
    await page.element('.examples button').click();
    await page.element('#words-opener').click();
    await pressChip('dark');
    assert.match(await prompt(), /, dark$/);
    await undo().click();
    await demo.driver.sleep(1100);
    await undo().click();
    assert.equal(await prompt(), 'My own words');
    assert.equal(await undo().isDisplayed(), false);
    assert.equal(await page.read(() => document.activeElement.id), 'prompt');
    await pressChip('dark');
    await page.element('#prompt').sendKeys('!');
    assert.equal(await undo().isDisplayed(), false);
  });

  it('has examples of sound effects', async () => {
    const examples = await page.read(() => document.querySelector('.examples').innerText);
    assert.match(examples, /Footsteps on gravel/);
  });

  it('keeps a draft over a reload, and says nothing of a form that was left empty', async () => {
    await page.type('prompt', 'Slow piano, in the rain');
    await page.type('secondsTotal', '12');
    await page.type('steps', '60');
    await page.reload();
    assert.equal(await prompt(), 'Slow piano, in the rain');
    assert.equal(await page.element('#secondsTotal').getAttribute('value'), '12');
    assert.equal(await page.element('#steps').getAttribute('value'), '60');
    assert.match(await page.element('#price').getText(), /15,120/);
    await page.element('#prompt').sendKeys(Key.chord(Key.CONTROL, 'a'), Key.BACK_SPACE);
    await page.reload();
    assert.equal(await prompt(), '');
    assert.equal(await page.element('#prompt-mistake').isDisplayed(), false);
    assert.equal(await emulator.posts(), 0);
  });

  it('a link wins over the draft', async () => {
    await page.type('prompt', 'Slow piano');
    await page.read(() => (location.hash = '#prompt=Thunder'));
    await page.reload();
    assert.equal(await prompt(), 'Thunder');
  });
});
