// What is there for all finished tracks of the demo: files to drag and to take together, keys, the machine's
// own controls, one volume and one sound.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { unzipSync } from 'fflate';
import { Key } from 'selenium-webdriver';

import { takeName } from '../../www/take-name.js';
import { openDemo } from './demo/open.mjs';
import { engine } from './harness.mjs';

const job = (key, startedAt, request = {}, meta = undefined) => ({
  key,
  startedAt,
  phase: 'completed',
  request: { prompt: 'Slow piano', ...request },
  meta,
});

describe('the name of a take', () => {
  const takes = [job('c', 3), job('b', 2, { prompt: 'slow piano!' }), job('a', 1)];

  it('has a number from the second take on, in the order in which they were started', () => {
    const names = takes.map((take) => takeName(take, 'audio/wav', takes));
    assert.deepEqual(names, ['slow-piano-30s-take-3.wav', 'slow-piano-30s-take-2.wav', 'slow-piano-30s.wav']);
  });

  it('follows the letters of takes that were started together', () => {
    const together = [
      job('x', 1, {}, { take: { group: 'g', index: 1 } }),
      job('y', 1, {}, { take: { group: 'g', index: 0 } }),
    ];
    const names = together.map((take) => takeName(take, 'audio/wav', together));
    assert.deepEqual(names, ['slow-piano-30s-take-2.wav', 'slow-piano-30s.wav']);
  });

  it('counts no track of another name, and none that was not completed', () => {
    const others = [job('d', 0, { secondsTotal: 5 }), { ...job('e', 0), phase: 'failed' }];
    assert.equal(takeName(takes[2], 'audio/wav', [...takes, ...others]), 'slow-piano-30s.wav');
  });
});

describe(`what is there for all tracks of the demo in ${engine}`, { timeout: 300_000 }, () => {
  let demo, page, emulator, driver;
  before(async () => {
    demo = await openDemo(engine, { speed: 20 });
    ({ page, emulator, driver } = demo);
  });
  after(() => demo?.close());
  beforeEach(async () => {
    await emulator.reset();
    await page.open();
  });

  /** Makes tracks of these prompts, the last of which is the newest. */
  const make = (...prompts) => makeOf(3, prompts);
  /** Long enough to be still playing when the next key is pressed. */
  const makeLong = (...prompts) => makeOf(30, prompts);
  const makeOf = async (secondsTotal, prompts) => {
    for (const [index, prompt] of prompts.entries()) {
      await emulator.plan({ submit: [{ finish: true }] });
      if (index > 0) await driver.sleep(1000);
      await page.generate({ prompt, secondsTotal, steps: 1 });
      await driver.wait(
        () =>
          page.read((count) => document.querySelectorAll('[data-phase=completed] .grip').length === count, index + 1),
        15_000,
        'the track is there',
      );
    }
    await page.waitFor(() => Boolean(document.querySelector('#keys')), 'the keys are there');
    await page.read(() => document.activeElement.blur());
  };
  const playing = () =>
    page.read(() =>
      [...document.querySelectorAll('.card')]
        .filter((card) => !card.querySelector('audio').paused)
        .map((card) => card.querySelector('.prompt').textContent),
    );
  const untilPlaying = (...prompts) =>
    driver.wait(async () => (await playing()).join() === prompts.join(), 10_000, `what plays is [${prompts}]`);
  const focused = () => page.read(() => document.activeElement.querySelector?.('.prompt')?.textContent);

  it('a file can be dragged out, by its name and its link', async () => {
    await make('Slow piano');
    await page.waitFor(() => document.querySelector('.grip')?.href.startsWith('blob:'), 'the file is here');
    const dragged = await page.read(() => {
      const dataTransfer = new DataTransfer();
      document.querySelector('.grip').dispatchEvent(new DragEvent('dragstart', { dataTransfer, bubbles: true }));
      return {
        draggable: document.querySelector('.grip').draggable,
        download: dataTransfer.getData('DownloadURL'),
        link: dataTransfer.getData('text/plain'),
      };
    });
    assert.equal(dragged.draggable, true);
    assert.match(dragged.download, /^audio\/wav:slow-piano-3s\.wav:blob:http:\/\/127\.0\.0\.1:\d+\//);
    assert.match(dragged.link, /^http:\/\/127\.0\.0\.1:\d+\/files\/\w+\/[^/]+\.wav$/);
  });

  it('a zip has all that can be had, each by a name of its own, and it is told what could not', async () => {
    await make('Slow piano', 'Drums', 'Slow piano');
    await page.read(catchSaved);
    await page.element('#zip').click();
    await page.waitFor(() => Boolean(window.saved), 'the zip is saved');
    const { name, text } = await page.read(() => window.saved);
    assert.equal(name, 'stable-audio.zip');
    const files = unzipSync(Buffer.from(text, 'base64'));
    assert.deepEqual(Object.keys(files).toSorted(), ['drums-3s.wav', 'slow-piano-3s-take-2.wav', 'slow-piano-3s.wav']);
    for (const bytes of Object.values(files)) {
      assert.equal(Buffer.from(bytes.subarray(0, 4)).toString(), 'RIFF');
      assert.ok(bytes.length > 3 * 44_100 * 2, `${bytes.length} bytes`);
    }
    assert.equal(await page.read(() => document.querySelector('#announcer').textContent), 'The zip has 3 tracks.');
    assert.equal(await page.element('#zip').getText(), 'Download all');

    await page.forgetAudio();
    await page.expireLinks();
    await page.reload();
    await page.waitFor(() => document.querySelector('#zip')?.checkVisibility(), 'the button is there');
    await page.element('#zip').click();
    await page.waitFor(
      () => /0 tracks.*3 tracks could not be read/.test(document.querySelector('#announcer').textContent),
      'it is told',
    );
  });

  it('keys play, go through the tracks, repeat, download, and list themselves', async () => {
    await makeLong('First', 'Second', 'Third');
    await page.keys(' ');
    await untilPlaying('Third');
    await page.keys('j');
    await untilPlaying('Second');
    assert.equal(await focused(), 'Second');
    await page.keys('j', 'j');
    await untilPlaying('First');
    await page.keys('k');
    await untilPlaying('Second');
    await page.keys(' ');
    await untilPlaying();
    await page.keys('k');
    assert.equal(await focused(), 'Third');
    await untilPlaying();
    await page.keys('l');
    assert.equal(await page.element('.card .loop').getAttribute('aria-pressed'), 'true');
    await page.read(catchSaved);
    await page.keys('d');
    await page.waitFor(() => window.saved?.name === 'third-30s.wav', 'it is downloaded');
    await page.keys('?');
    await page.waitFor(() => document.querySelector('#keys-list').open, 'they are listed');
    assert.deepEqual(
      await page.read(() => [...document.querySelectorAll('#keys-list kbd')].map((key) => key.textContent)),
      ['Space', 'J', 'K', 'L', 'D', '?'],
    );
    assert.deepEqual(await page.violations(), []);
    await page.shoot(`demo-${engine}-keys`);
    await page.keys(' ');
    await untilPlaying();
  });

  it('keys do nothing while somebody types, with another key held, and when they are turned off', async () => {
    await make('First');
    await page.type('prompt', '');
    await page.element('#prompt').sendKeys('jk l? d');
    assert.equal(await page.element('#prompt').getAttribute('value'), 'jk l? d');
    assert.equal(await page.read(() => document.querySelector('#keys-list').open), false);
    await page.element('.volume input').sendKeys('l');
    await page.read(() => document.activeElement.blur());
    await page.read(() =>
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'l', ctrlKey: true, bubbles: true })),
    );
    assert.equal(await page.element('.card .loop').getAttribute('aria-pressed'), 'false');
    await page.read(() => document.querySelector('.card .loop').focus());
    await page.keys(' ');
    assert.equal(await page.element('.card .loop').getAttribute('aria-pressed'), 'true');
    assert.deepEqual(await playing(), []);

    await page.element('#keys').click();
    await page.element('#keys-list input').click();
    await page.keys(Key.ESCAPE);
    await page.reload();
    await page.waitFor(() => Boolean(document.querySelector('#keys')), 'the keys are there');
    await page.keys('?');
    assert.equal(await page.read(() => document.querySelector('#keys-list').open), false);
  });

  it('one track plays at a time, in all tabs, at one volume', async () => {
    await makeLong('First', 'Second');
    await page.element('.play').click();
    await untilPlaying('Second');
    await page.read(() => document.querySelectorAll('.play')[1].click());
    await untilPlaying('First');
    assert.equal(await page.read(() => document.querySelectorAll('.volume').length), 1);
    await page.read(() => {
      const input = document.querySelector('.volume input');
      input.value = 50;
      input.dispatchEvent(new Event('input'));
    });
    assert.deepEqual(
      await page.read(() => [...document.querySelectorAll('audio')].map(({ volume }) => volume)),
      [0.5, 0.5],
    );

    const tabs = await page.openAnother();
    await page.waitFor(() => document.querySelectorAll('.grip').length === 2, 'the tracks are there');
    assert.equal(await page.read(() => document.querySelector('audio').volume), 0.5);
    await page.element('.play').click();
    await untilPlaying('Second');
    await tabs.first();
    await untilPlaying();
    await tabs.closeFirst();
  });

  it('the machine shows what plays, and controls it', async () => {
    await page.read(watchMediaSession);
    await makeLong('First', 'Second');
    await page.element('.play').click();
    await untilPlaying('Second');
    // WebKit has its own word in the state, a moment before the page has.
    const untilShown = (wanted) =>
      driver.wait(async () => (await page.read(shownByMachine)).join() === wanted, 5000, `the machine shows ${wanted}`);
    await untilShown('Second,playing');
    await page.read(() => window.handlers.nexttrack());
    await untilPlaying('First');
    await untilShown('First,playing');
    await page.read(() => window.handlers.seekto({ seekTime: 20 }));
    await page.waitFor(() => document.querySelectorAll('audio')[1].currentTime >= 20, 'it is sought');
    await page.read(() => window.handlers.pause());
    await untilPlaying();
    await untilShown('First,paused');
  });
});

// Runs in the page.
function catchSaved() {
  const make = URL.createObjectURL;
  let last;
  URL.createObjectURL = (blob) => make((last = blob));
  HTMLAnchorElement.prototype.click = async function () {
    const bytes = new Uint8Array(await last.arrayBuffer());
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    window.saved = { name: this.download, text: btoa(text) };
  };
}

// Runs in the page.
function shownByMachine() {
  return [navigator.mediaSession.metadata?.title, navigator.mediaSession.playbackState];
}

// Runs in the page.
function watchMediaSession() {
  window.handlers = {};
  const { setActionHandler } = MediaSession.prototype;
  MediaSession.prototype.setActionHandler = function (action, handler) {
    window.handlers[action] = handler;
    return setActionHandler.call(this, action, handler);
  };
}
