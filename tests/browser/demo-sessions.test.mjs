// Whole sessions with the demo: several tabs, a connection that fails, the keyboard alone, and the
// page as a static host serves it.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { Key } from 'selenium-webdriver';

import { demoKey } from '../../tools/emulator.mjs';
import { openDemo } from './demo/open.mjs';
import { engine } from './harness.mjs';

const outOfCredits = { message: "You've run out of credits.", error: { data: { kind: 'err_insufficent_credits' } } };
const quick = { secondsTotal: 1, steps: 1 };

describe(`sessions with the demo in ${engine}`, { timeout: 240_000 }, () => {
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

  it('takes several jobs through a reload, a stop and an error, and clears them', async () => {
    await page.generate({ prompt: 'First', ...quick, steps: 400 });
    await page.generate({ prompt: 'Second', ...quick, steps: 400 });
    await page.waitFor(() => document.querySelectorAll('[data-phase=queued]').length === 2, 'both are accepted');
    await page.reload();
    await emulator.plan({ submit: [{ status: 403, body: outOfCredits }] });
    await page.generate({ prompt: 'Third', ...quick });
    await page.until('failed');
    await emulator.reset({ speed: 10 });
    await page.element('#clear').click();
    await page.element('#clearing [data-action=clear]').click();
    await page.waitFor(() => !document.body.innerText.includes('Third'), 'what is finished is gone');
    const left = (await page.cards()).map(({ prompt }) => prompt);
    assert.deepEqual(left.toSorted(), ['First', 'Second']);
    await page.press('stop');
    await page.until('stopped');
    await page.press('remove');
    await page.reload();
    assert.equal((await page.cards()).length, 1);
  });

  it('gives the settings of a track back to the form', async () => {
    await page.generate({ prompt: 'Slow piano', secondsTotal: 2, steps: 3, secondsStart: 4 });
    await page.until('completed');
    await page.type('prompt', 'Something else');
    await page.type('steps', '9');
    await page.press('again');
    const values = ['prompt', 'secondsStart', 'secondsTotal', 'steps'].map((id) => page.element(`#${id}`));
    const read = await Promise.all(values.map((element) => element.getAttribute('value')));
    assert.deepEqual(read, ['Slow piano', '4', '2', '3']);
    assert.equal(await page.read(() => document.activeElement.id), 'generate');
  });

  it('shows a job in two tabs, asks for it in one, and goes on when that one is closed', async () => {
    await emulator.reset({ speed: 1 });
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1 });
    await page.waitFor(underWay, 'it is accepted');
    const tabs = await page.openAnother();
    await page.waitFor(underWay, 'it is shown here, too');
    const before = (await emulator.requests('GET')).length;
    await new Promise((resolve) => setTimeout(resolve, 3500));
    const asked = (await emulator.requests('GET')).length - before;
    // Two tabs that both asked would make seven or so.
    assert.ok(asked <= 4, `${asked} polls in 3.5 s, at one a second`);
    await tabs.closeFirst();
    await emulator.plan({ poll: [{ finish: true }] });
    await page.until('completed');
    assert.equal(await emulator.posts(), 1);
    assert.equal(await emulator.charges(), 1);
  });

  it('stops in one tab what another follows, and removes it from both', async () => {
    await emulator.reset({ speed: 1 });
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1 });
    await page.waitFor(underWay, 'it is accepted');
    const tabs = await page.openAnother();
    await page.waitFor(underWay, 'it is shown here, too');
    await page.press('stop');
    await page.until('stopped');
    await tabs.first();
    await page.until('stopped');
    await page.press('remove');
    await tabs.second();
    await page.waitFor(() => document.querySelectorAll('.card').length === 0, 'the card is gone here, too');
    await tabs.closeFirst();
  });

  it('outlives a minute without a network, on the clock of the emulator', async () => {
    await page.read(() => {
      const real = window.fetch;
      window.fetch = (...given) => (window.isDown ? Promise.reject(new TypeError('Load failed')) : real(...given));
    });
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1, steps: 100 });
    await page.until('queued');
    await page.read(() => (window.isDown = true));
    await page.waitFor(
      () => /The service could not be reached; the next check/.test(document.querySelector('.note').textContent),
      'it says so',
    );
    await new Promise((resolve) => setTimeout(resolve, 6000));
    assert.notEqual((await page.cards())[0].phase, 'completed');
    await page.read(() => {
      window.isDown = false;
      window.dispatchEvent(new Event('online'));
    });
    await page.until('completed');
    assert.equal(await emulator.posts(), 1);
    assert.equal(await emulator.charges(), 1);
  });

  it('says that nothing is stored where storage is full, and makes the track all the same', async () => {
    await page.read(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException('it is full', 'QuotaExceededError');
      };
    });
    await page.generate({ prompt: 'Slow piano', ...quick });
    await page.until('completed');
    assert.match(await page.element('#storage-mistake').getText(), /^This browser may not keep .*\(it is full\)/);
    assert.equal(await emulator.posts(), 1);
    assert.equal(await emulator.charges(), 1);
  });

  it('never shows all of the bar before the end, and says when it is late', async () => {
    await page.read(() => {
      window.shares = [];
      setInterval(() => window.shares.push(document.querySelector('progress')?.value), 50);
    });
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1, steps: 20 });
    await emulator.plan({ poll: [{ status_word: 'generating', times: 4 }] });
    await page.waitFor(() => document.querySelector('.note')?.textContent.startsWith('Later than'), 'it is late');
    await page.until('completed');
    const shares = await page.read(() => window.shares.filter(Number.isFinite));
    assert.ok(Math.max(...shares) === 95, `at most ${Math.max(...shares)} %`);
  });

  it('tells a hidden tab’s title what goes on and what is done', async () => {
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1, steps: 60 });
    await page.until('queued');
    await page.waitFor(() => document.title.endsWith('% of 1 track · Stable Audio'), 'the title says how far it is');
    // Drivers keep pages visible: the page is told what a hidden one would be.
    await page.read(() => void Object.defineProperty(document, 'hidden', { get: () => true, configurable: true }));
    await page.waitFor(() => document.title === '✓ Slow piano · Stable Audio', 'the title says that it is done');
    await page.read(() => {
      delete document.hidden;
      document.dispatchEvent(new Event('visibilitychange'));
    });
    assert.equal(await page.read(() => document.title), 'Stable Audio');
  });

  it('works by keyboard alone', async () => {
    await page.tabTo('#prompt');
    await page.keys('Slow piano');
    await page.tabTo('#secondsTotal');
    await page.keys(Key.BACK_SPACE, Key.BACK_SPACE, '3');
    await page.tabTo('#generate');
    await page.tabTo('.advanced summary');
    await page.keys(Key.ENTER);
    await page.tabTo('#steps');
    await page.keys(Key.BACK_SPACE, Key.BACK_SPACE, Key.BACK_SPACE, '20', Key.ENTER);
    await page.until('completed');
    await page.waitFor(() => document.querySelector('.time')?.textContent === '0:00 / 0:03', 'the track is known');
    await page.read(() => (document.querySelector('.card audio').muted = true));
    await page.tabTo('.wave');
    await page.keys(Key.ARROW_RIGHT, Key.ARROW_RIGHT);
    assert.equal(await page.element('.wave').getAttribute('aria-valuetext'), '0:02 of 0:03');
    await page.keys(Key.HOME);
    assert.equal(await page.element('.wave').getAttribute('aria-valuenow'), '0');
    await page.tabTo('.play');
    await page.keys(Key.SPACE);
    await page.waitFor(() => document.querySelector('audio').currentTime > 0, 'the track plays');
    await page.tabTo('.loop');
    await page.keys(Key.SPACE);
    assert.equal(await page.element('.loop').getAttribute('aria-pressed'), 'true');
    await page.tabTo('[data-action=remove]');
    await page.keys(Key.ENTER);
    await page.waitFor(() => document.activeElement.matches('.removed button'), 'the focus is on the way back');
  });

  it('gives axe nothing to complain of, in any state', async () => {
    const found = {};
    const look = async (state) => {
      const violations = await page.violations();
      if (violations.length > 0) found[state] = violations;
    };
    await look('empty');
    await page.type('steps', '0');
    await page.element('#generate').click();
    await page.waitFor(() => !document.querySelector('#steps-mistake').hidden, 'the mistake is named');
    await look('mistaken');
    await page.type('steps', '10');
    await emulator.plan({
      submit: [
        { delay_ms: 3000, finish: true },
        { status: 403, body: outOfCredits },
      ],
    });
    await page.generate({ prompt: 'Sending', ...quick });
    await page.until('submitting');
    await look('submitting');
    await page.until('completed');
    await page.waitFor(() => Boolean(document.querySelector('.wave > div')), 'the waveform is drawn');
    await look('completed');
    await page.generate({ prompt: 'No credits', ...quick });
    await page.until('failed');
    await look('out of credits');
    await page.showUnknown('Unknown');
    await look('unknown');
    await emulator.plan({ submit: [{ status: 401 }] });
    await page.generate({ prompt: 'No key', ...quick });
    await page.waitFor(() => /key/.test(document.querySelector('.note').textContent), 'the key is refused');
    await look('unauthorized');
    await page.generate({ prompt: 'Waiting', secondsTotal: 1, steps: 1000 });
    await page.until('queued');
    await look('queued');
    await page.until('generating');
    await look('generating');
    await page.press('stop');
    await page.until('stopped');
    await look('stopped');
    await page.element('#clear').click();
    await look('clearing');
    await page.open('static');
    await look('not connected');
    await page.connect({ address: emulator.url, key: demoKey });
    await look('connected');
    assert.deepEqual(found, {});
  });

  it('as a static page, works with a key that stays in memory', async () => {
    await page.open('static');
    await page.type('prompt', 'Slow piano');
    await page.element('#generate').click();
    await page.waitFor(() => document.activeElement.id === 'key', 'it asks for a key first');
    for (const [given, said, field] of [
      [{ address: 'http://api.example', key: demoKey }, /https address alone/, 'address'],
      [{ address: 'api.example', key: demoKey }, /begin with https/, 'address'],
      [{ address: 'https://me:word@api.example', key: demoKey }, /name or a password/, 'address'],
      [{ address: 'https://api.example/?a=b', key: demoKey }, /after a \? or a #/, 'address'],
      [{ address: 'https://api.example', key: 'two words' }, /no spaces/, 'key'],
      [{ address: 'https://api.aimlapi.com', key: '' }, /service needs a key/, 'key'],
    ]) {
      await page.connect(given);
      assert.match(await page.element('#connection-mistake').getText(), said);
      assert.equal(await page.read(() => document.activeElement.id), field);
    }
    await page.connect({ address: emulator.url, key: demoKey });
    await emulator.plan({ submit: [{ finish: true }, { status: 401 }] });
    await page.generate({ prompt: 'Slow piano', ...quick });
    await page.until('completed');
    await page.waitFor(() => Boolean(document.querySelector('.wave > div')), 'the waveform is drawn');
    const [{ key }] = await emulator.requests('POST');
    assert.equal(key, 'demo');
    const stored = await page.read(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
    assert.ok(!stored.includes(demoKey), stored);

    await page.generate({ prompt: 'Fast piano', ...quick });
    assert.deepEqual((await page.until('failed')).actions, ['retry', 'key', 'edit', 'remove']);
    await page.press('key');
    assert.equal(await page.read(() => document.activeElement.id), 'key');
    await page.connect({ key: demoKey });
    assert.equal(await page.element('#connection').getAttribute('data-connected'), 'true');
    await page.reload();
    assert.equal(await page.element('#connection').getAttribute('data-connected'), 'false');
    assert.equal((await page.cards()).length, 2);
  });

  it('as a static page, keeps a key for the session where that is asked, and takes up what runs', async () => {
    await page.open('static');
    await page.element('[name=keep]').click();
    await page.connect({ address: emulator.url, key: demoKey });
    await page.generate({ prompt: 'Slow piano', ...quick });
    await page.until('queued');
    await page.reload();
    await emulator.plan({ poll: [{ finish: true }] });
    await page.until('completed');
    assert.ok(await page.read((key) => sessionStorage['stable-audio.connection'].includes(key), demoKey));
    assert.ok(!(await page.read(() => JSON.stringify(localStorage))).includes(demoKey));
    await page.element('#disconnect').click();
    await driver.wait(
      () => page.read(() => document.querySelector('#connection')?.dataset.connected === 'false'),
      5000,
    );
    const left = await page.read(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
    assert.ok(!left.includes(demoKey), left);
    assert.deepEqual(await page.read(() => Object.keys(sessionStorage)), ['stable-audio.spending']);
    assert.equal(await emulator.charges(), 1);
  });
});

// Runs in the page.
function underWay() {
  return ['queued', 'generating'].includes(document.querySelector('.card')?.dataset.phase);
}
