// The finished audio is kept in the browser: what becomes of it when its link expires, when there is no room,
// and when the track is removed.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { openDemo } from './demo/open.mjs';
import { engine } from './harness.mjs';

const isAsked = () => document.querySelector('.ask-link')?.checkVisibility();

describe(`the finished audio at the demo in ${engine}`, { timeout: 240_000 }, () => {
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

  const make = async (prompt = 'Slow piano') => {
    await emulator.plan({ submit: [{ finish: true }] });
    await page.generate({ prompt, secondsTotal: 1, steps: 1 });
    await page.until('completed');
  };
  /** Makes a track, and then shows it as after a while: nothing is kept, and its link leads nowhere. */
  const makeExpired = async () => {
    await make();
    await page.waitFor(isKept, 'it is kept');
    await page.forgetAudio();
    await page.expireLinks();
    await page.reload();
    await page.waitFor(() => Boolean(document.querySelector('.grip')), 'the tools are there');
  };
  const requests = async (method, path) =>
    (await emulator.ledger()).requests.filter((request) => request.method === method && request.path.startsWith(path));
  const keptFiles = () =>
    page.read(() =>
      caches
        .open('stable-audio/audio')
        .then((cache) => cache.keys())
        .then((all) => all.length),
    );
  const play = async () => {
    await page.read(() => (document.querySelector('.card audio').muted = true));
    await page.element('.play').click();
    await page.waitFor(() => document.querySelector('.card audio').currentTime > 0, 'the track plays');
  };

  /** In a session of automation WebKit drops a cache that no page has open, as none has while one is loaded anew. */
  const holdCache = async () => {
    if (engine !== 'webkit') return;
    const tabs = await page.openAnother();
    await page.read(() => caches.open('stable-audio/audio').then((cache) => void (window.held = cache)));
    await tabs.first();
  };

  it('is kept on completion, and plays and downloads when its link has expired', async () => {
    await holdCache();
    await make();
    await page.waitFor(isKept, 'it is kept');
    assert.equal((await requests('GET', '/files/')).length, 1);
    await page.reload();
    await emulator.plan({ file: [{ status: 403, html: true, times: 20 }] });
    await page.waitFor(isKept, 'it is still kept');
    await play();
    await page.read(catchSaved);
    await page.press('download');
    await page.waitFor(() => window.saved?.length === 1, 'it is downloaded');
    assert.equal((await requests('GET', '/files/')).length, 1);
    assert.equal((await page.cards())[0].note, '');
    assert.deepEqual(await page.violations(), []);
  });

  it('is kept although nobody has scrolled to it, and although the page is loaded anew at once', async () => {
    await holdCache();
    await page.show({ width: 1280, height: 300, dark: false });
    await make();
    await page.waitFor(
      () =>
        caches
          .open('stable-audio/audio')
          .then((cache) => cache.keys())
          .then((all) => all.length === 1),
      'it is kept',
    );
    await page.show({ width: 1280, height: 900, dark: false });
    await page.reload();
    await page.waitFor(isKept, 'it says so');
    assert.equal((await requests('GET', '/files/')).length, 1);
  });

  it('is fetched by one of two tabs', async () => {
    const tabs = await page.openAnother();
    await tabs.first();
    await make();
    await page.waitFor(isKept, 'it is kept');
    await tabs.second();
    await page.waitFor(isKept, 'the other tab has it');
    assert.equal((await requests('GET', '/files/')).length, 1);
    await tabs.closeFirst();
  });

  it('is asked for again by itself where its file cannot be had at first', async () => {
    await emulator.plan({ file: [{ status: 404, times: 2 }] });
    await make();
    await page.waitFor(isKept, 'it is kept');
    assert.equal((await page.cards())[0].note, '');
  });

  it('is had by a new link where the old one has expired and nothing is kept, by one poll and no submit', async () => {
    await makeExpired();
    await page.press('download');
    await page.waitFor(isAsked, 'a new link is offered');
    assert.match((await page.cards())[0].note, /its URL may expire/);
    const before = (await requests('GET', '/v2/generate')).length;
    await emulator.plan({ file: [{ status: 403, html: true }] });
    await page.element('.ask-link').click();
    await page.waitFor(() => /had there either/.test(document.querySelector('.note').innerText), 'it says what it met');
    await page.element('.ask-link').click();
    await page.waitFor(isKept, 'it is kept');
    assert.equal((await page.cards())[0].note, 'The audio is here.');
    assert.equal(await page.read(isAsked), false);
    assert.equal((await requests('GET', '/v2/generate')).length, before + 2);
    assert.equal((await requests('POST', '/v2/generate')).length, 1);
    await play();

    await page.forgetAudio();
    await page.reload();
    await page.waitFor(() => Boolean(document.querySelector('.grip')), 'the tools are there');
    await play();
    assert.equal((await page.cards())[0].note, '');
  });

  it('says so where the service gives no new link', async () => {
    await makeExpired();
    await page.element('.play').click();
    await page.waitFor(isAsked, 'a new link is offered');
    assert.match((await page.cards())[0].note, /cannot be played/);
    assert.deepEqual(await page.violations(), []);
    await page.shoot(`demo-${engine}-new-link`);
    await emulator.plan({ poll: [{ status: 404 }] });
    await page.element('.ask-link').click();
    await page.waitFor(() => /gave no link/.test(document.querySelector('.note').innerText), 'it says so');
  });

  it('is not kept where the storage is full, which is told, and harms nothing', async () => {
    await page.read(() => {
      Cache.prototype.put = async () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
    });
    await make();
    await page.waitFor(
      () => document.querySelector('.kept')?.innerText === 'Not kept in this browser: its storage is full',
      'it is told',
    );
    await play();
    await page.read(catchSaved);
    await page.press('download');
    await page.waitFor(() => window.saved?.length === 1, 'it is downloaded');
    assert.equal((await page.cards())[0].note, '');
  });

  it('is forgotten with its track, once that can no longer be undone', async () => {
    await make('First');
    await make('Second');
    await page.waitFor(() => document.querySelectorAll('.kept').length === 2, 'both are shown');
    await page.waitFor(isKept, 'it is kept');
    await page.press('remove');
    // It waits with that for as long as somebody is at Undo.
    await page.read(() => document.activeElement.blur());
    await page.waitFor(
      () =>
        caches
          .open('stable-audio/audio')
          .then((cache) => cache.keys())
          .then((all) => all.length === 1),
      'one is left',
    );
    assert.equal(await keptFiles(), 1);
  });

  it('gives way, the oldest first, when the limit is reached', async () => {
    const left = await page.read(keepFour);
    assert.deepEqual(left, {
      names: ['c', 'd'],
      found: [false, false, true, true],
      tooBig: 'its storage is too small',
    });
  });
});

function isKept() {
  return document.querySelector('.kept')?.innerText === 'Kept in this browser';
}

// Runs in the page.
async function keepFour() {
  const { KeptFiles } = await import('/studio/kept-files.js');
  const files = new KeptFiles({ limit: 250 });
  const names = ['a', 'b', 'c', 'd'];
  for (const name of names) {
    await files.keep(name, new Blob(['a'.repeat(100)]));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const found = [];
  for (const name of names) found.push((await files.find(name))?.size === 100);
  const tooBig = await files.keep('e', new Blob(['a'.repeat(251)])).catch(({ message }) => message);
  return { names: names.filter((_, index) => found[index]), found, tooBig };
}

function catchSaved() {
  window.saved = [];
  HTMLAnchorElement.prototype.click = function () {
    window.saved.push(this.download);
  };
}
