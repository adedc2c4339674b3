// Several takes of a request at the demo: their price, their tabs, the position over a switch, and the star.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { Key } from 'selenium-webdriver';

import { createTakes, letterOf, takeOf } from '../../www/takes.js';
import { openDemo } from './demo/open.mjs';
import { engine } from './harness.mjs';

describe('what is stored of a take', () => {
  it('is nothing for one alone, and the same group for several', () => {
    assert.deepEqual(createTakes(1), [undefined]);
    const takes = createTakes(4).map((meta) => takeOf({ meta }));
    assert.equal(new Set(takes.map(({ group }) => group)).size, 1);
    assert.equal(takes.map(letterOf).join(''), 'ABCD');
  });

  for (const meta of [undefined, null, 'text', { take: 1 }, { take: { group: 1, index: 0 } }]) {
    it(`is not read from ${JSON.stringify(meta)}`, () => assert.equal(takeOf({ meta }), undefined));
  }

  for (const index of [-1, 4, 0.5, '0', undefined]) {
    it(`is not read from an index of ${JSON.stringify(index)}`, () =>
      assert.equal(takeOf({ meta: { take: { group: 'one', index } } }), undefined));
  }
});

describe(`takes at the demo in ${engine}`, { timeout: 180_000 }, () => {
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

  const choose = (count) =>
    page.read((value) => document.querySelector(`[name=takes][value="${value}"]`).click(), count);
  const tabs = () =>
    page.read(() => [...document.querySelectorAll('[role=tab]')].map((tab) => tab.getAttribute('aria-label')));
  const selected = () => page.read(() => document.querySelector('[aria-selected=true]').textContent);
  const make = async (count, fields) => {
    await emulator.plan({ submit: [{ finish: true, times: count }] });
    await choose(count);
    await page.generate({ prompt: 'Slow piano', secondsTotal: 3, steps: 1, ...fields });
    await page.waitFor(
      () =>
        document.querySelectorAll('[role=tab]').length > 0 &&
        document.querySelectorAll('[role=tab]:not([data-phase=completed])').length === 0,
      'all are done',
    );
  };

  it('tells the price of all before they are sent, and makes each once, in one place of the list', async () => {
    await choose(4);
    await page.waitFor(() => document.querySelector('#generate').innerText.includes('4 takes'), 'the price follows');
    assert.equal(await page.element('#generate').getText(), 'Generate · 4 takes, about 5.0 ¢');
    assert.equal(await page.element('#price').getText(), '≈ 100,800 credits');
    assert.equal(await emulator.posts(), 0);
    await make(4);
    assert.equal(await emulator.posts(), 4);
    assert.equal(await page.read(() => document.querySelectorAll('#tracks > li').length), 1);
    assert.deepEqual(await tabs(), ['A: Done', 'B: Done', 'C: Done', 'D: Done']);
    assert.deepEqual(await page.violations(), []);
    await page.waitFor(() => Boolean(document.querySelector('.wave > div')), 'the waveform is drawn');
    await page.shoot(`demo-${engine}-takes`);
    assert.equal(await page.element('#spent').getText(), '0.05 ¢ in this session, not real');
  });

  it('asks one question above the limit of spending, of all takes together, and "Not now" sends none', async () => {
    await choose(4);
    await page.generate({ prompt: 'Slow piano', steps: 1000 });
    assert.match(await page.element('#spending').getText(), /about 50\.4 ¢/);
    await page.element('#spending button[value=""]').click();
    await demo.driver.sleep(1200);
    assert.equal(await emulator.posts(), 0);
  });

  it('switching by keyboard keeps the position, and what plays goes on in the other take', async () => {
    await make(2, { secondsTotal: 10 });
    const audios = () =>
      page.read(() =>
        [...document.querySelectorAll('[role=tabpanel] audio')].map((audio) => ({
          time: audio.currentTime,
          paused: audio.paused,
        })),
      );
    await page.waitFor(() => Boolean(document.querySelector('.wave > div')), 'the waveform is drawn');
    await page.read(() => document.querySelectorAll('audio').forEach((audio) => (audio.muted = true)));
    await page.read(() => (document.querySelector('[role=tabpanel] audio').currentTime = 4));
    await page.element('.play').click();
    await page.waitFor(() => document.querySelector('audio').currentTime > 4.2, 'the track plays');
    await page.read(() => document.querySelector('[role=tab]').focus());
    await page.keys(Key.ARROW_RIGHT);
    assert.equal(await selected(), 'B');
    await page.waitFor(() => {
      const [a, b] = document.querySelectorAll('[role=tabpanel] audio');
      return a.paused && !b.paused && b.currentTime > 4.2;
    }, 'the other goes on from there');
    await page.read(() => document.querySelectorAll('audio')[1].pause());
    const [, { time }] = await audios();
    await page.keys(Key.HOME);
    assert.equal(await selected(), 'A');
    const [a] = await audios();
    assert.equal(a.paused, true);
    assert.ok(Math.abs(a.time - time) < 0.3, `${a.time} is not ${time}`);
  });

  it('one take has the star, which a reload remembers and shows first', async () => {
    await make(4);
    const star = () => page.element('.star').click();
    const go = (index) => page.read((nth) => document.querySelectorAll('[role=tab]')[nth].click(), index);
    await go(1);
    await star();
    await go(2);
    await demo.driver.sleep(1100);
    await star();
    assert.deepEqual(await tabs(), ['A: Done', 'B: Done', 'C ★: Done', 'D: Done']);
    await page.reload();
    await page.waitFor(() => document.querySelectorAll('[role=tab]').length === 4, 'all are shown');
    assert.equal(await selected(), 'C ★');
    assert.equal(await page.read(() => document.querySelectorAll('[role=tabpanel]:not([hidden])').length), 1);
    assert.deepEqual(await page.violations(), []);
    await demo.driver.sleep(1000);
    await star();
    assert.deepEqual(await tabs(), ['A: Done', 'B: Done', 'C: Done', 'D: Done']);
  });

  it('one take of several can be removed, and a group between other tracks keeps its place', async () => {
    await emulator.plan({ submit: [{ finish: true }] });
    await page.generate({ prompt: 'Before', secondsTotal: 1, steps: 1 });
    await page.until('completed');
    await make(2);
    await choose(1);
    await emulator.plan({ submit: [{ finish: true }] });
    await page.generate({ prompt: 'After', secondsTotal: 1, steps: 1 });
    await page.until('completed');
    await page.reload();
    const places = () =>
      page.read(() =>
        [...document.querySelectorAll('#tracks > li')].map((li) => li.querySelector('.prompt').textContent),
      );
    await page.waitFor(() => document.querySelectorAll('#tracks > li').length === 3, 'all are shown');
    assert.deepEqual(await places(), ['After', 'Slow piano', 'Before']);
    await page.read(() => document.querySelector('[role=tabpanel]:not([hidden]) [data-action=remove]').click());
    await page.read(() => document.activeElement.blur());
    await page.waitFor(() => document.querySelectorAll('[role=tab]').length === 1, 'it is removed');
    assert.deepEqual(await tabs(), ['B: Done']);
    assert.deepEqual(await places(), ['After', 'Slow piano', 'Before']);
  });

  it('fits a phone', async () => {
    await make(4);
    if (!(await page.show({ width: 360, height: 740, dark: true }))) return;
    const { client, scroll } = await page.read(() => {
      const { clientWidth, scrollWidth } = document.documentElement;
      return { client: clientWidth, scroll: scrollWidth };
    });
    assert.ok(scroll <= client, `${scroll} of ${client} pixels wide`);
    await page.show({ width: 360, height: 740, dark: true, whole: true });
    await page.shoot(`demo-${engine}-takes-phone`);
    await page.show({ width: 1280, height: 900, dark: false });
  });
});
