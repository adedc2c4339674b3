// The demo page, served by the code of `npm start` and used as a person would.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { Key } from 'selenium-webdriver';

import { demoKey } from '../../tools/emulator.mjs';
import { openDemo } from './demo/open.mjs';
import { engine } from './harness.mjs';

const outOfCredits = { message: "You've run out of credits.", error: { data: { kind: 'err_insufficent_credits' } } };
/** Bytes of a second of 44.1 kHz, 16-bit stereo. */
const second = 44_100 * 4;

describe(`the demo in ${engine}`, { timeout: 240_000 }, () => {
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

  const underWay = () =>
    demo.driver.wait(async () => (await emulator.posts()) === 1, 5000, 'the request is on its way');
  /** From now on jobs take as long as the service's: long enough to step in. */
  const slow = () => emulator.reset({ speed: 1 });

  /** The server is believed once it remembers more than the request is old, by some seconds. */
  const remembersEnough = async () => {
    await page.read(() => fetch('/api/v2/generate/audio?idempotency_key=first').then(() => {}));
    await demo.driver.sleep(6000);
  };

  it('says that it talks to the emulator, how fast, and that nothing is spent', async () => {
    const said = await page.element('#backend').getText();
    assert.match(said, /emulator.*10 times as fast.*no money is spent/s);
  });

  it('says with a key that real credits are spent, and asks at the pace of the package', async () => {
    await page.open('service');
    assert.equal(await page.element('#backend').getText(), 'The real service: each generation spends real credits.');
    await emulator.plan({ submit: [{ finish: true }] });
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1 });
    await page.until('completed');
    assert.equal(await emulator.charges(), 1);
  });

  it('makes a track that plays and can be downloaded', async () => {
    await page.read(recordPhases);
    await page.generate({ prompt: 'Slow piano', secondsTotal: 3, steps: 40 });
    const card = await page.until('completed');
    assert.deepEqual(await page.read(() => window.phases), ['queued', 'generating', 'completed']);
    assert.equal(card.prompt, 'Slow piano');
    assert.match(card.settings, /^3 s · 40 steps · 10,080 credits · 0\.5 MB$/);
    assert.match(card.figures, /^0:0\d · \d+ checks$/);
    assert.deepEqual(card.actions, ['download', 'copy', 'again', 'remove']);

    await page.waitFor(drawn, 'the waveform is drawn');
    assert.equal(await page.element('.time').getText(), '0:00 / 0:03');
    await page.read(() => (document.querySelector('.card audio').muted = true));
    await page.element('.play').click();
    await page.waitFor(() => document.querySelector('audio').currentTime > 0, 'the track plays');
    assert.equal(await page.element('.play').getText(), 'Pause');
    await page.element('.play').click();
    await page.waitFor(() => document.querySelector('audio').paused, 'the track pauses');
    await page.element('.loop').click();
    assert.equal(await page.read(() => document.querySelector('audio').loop), true);
    await page.element('.wave').click();
    await page.waitFor(() => Math.abs(document.querySelector('audio').currentTime - 1.5) < 0.1, 'the middle is sought');

    await page.read(catchDownloads);
    await page.press('download');
    await page.waitFor(() => Boolean(window.caught?.bytes), 'the track is downloaded');
    const { name, type, size, bytes } = await page.read(() => window.caught);
    assert.equal(name, 'slow-piano-3s.wav');
    assert.equal(type, 'audio/wav');
    assert.match(String.fromCharCode(...bytes), /^RIFF....WAVE$/s);
    assert.ok(size - 3 * second >= 44 && size - 3 * second < 200, `${size} bytes`);
    assert.equal(await emulator.charges(), 1);
  });

  it('says what a download met, and downloads again', async () => {
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1, steps: 1 });
    await page.until('completed');
    await page.waitFor(drawn, 'the waveform is drawn');
    await page.forgetAudio();
    await page.reload();
    await page.waitFor(drawn, 'the waveform is known');
    await page.read(catchDownloads);
    await emulator.plan({ file: [{ truncate: 1000 }] });
    await page.press('download');
    await page.waitFor(() => document.querySelector('.note').innerText !== '', 'it says what happened');
    assert.match((await page.cards())[0].note, /did not arrive whole.*Download it again/);
    await page.press('download');
    await page.waitFor(() => Boolean(window.caught?.bytes), 'the track is downloaded');
    assert.equal((await page.cards())[0].note, '');
  });

  it('loads nothing from anywhere but this machine, and its policy sees to it', async () => {
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1, steps: 1 });
    await page.until('completed');
    const hosts = await page.read(() =>
      performance.getEntriesByType('resource').map(({ name }) => new URL(name).hostname),
    );
    assert.deepEqual([...new Set(hosts)], ['127.0.0.1']);
    assert.deepEqual(await page.read(breakPolicy).then(() => page.read(() => window.inlined)), null);
    await page.waitFor(() => window.violations.length === 2, 'both are stopped');
  });

  it('says what is wrong with a value in the words of the page, and sends nothing', async () => {
    await page.type('prompt', 'Slow piano');
    await page.type('steps', '1001');
    await page.waitFor(() => !document.querySelector('#steps-mistake').hidden, 'the mistake is named');
    const said = await page.element('#steps-mistake').getText();
    assert.equal(said, 'Steps must be a whole number from 1 to 1000');
    assert.equal(await page.element('#steps').getAttribute('aria-invalid'), 'true');
    assert.equal(await page.element('#generate').getAttribute('aria-disabled'), 'true');
    await page.element('#prompt').click();
    await page.element('#generate').click();
    await page.waitFor(() => document.activeElement.id === 'steps', 'the mistake is gone to');

    await page.type('steps', '10');
    await page.type('secondsTotal', '1.5');
    await page.waitFor(() => document.querySelector('#steps-mistake').hidden, 'the mistake is gone');
    assert.match(
      await page.element('#secondsTotal-mistake').getText(),
      /^Duration must be a whole number from 1 to 47$/,
    );
    assert.match(await page.element('#price').getText(), /2,520 credits/);
    assert.equal(await emulator.posts(), 0);
  });

  it('asks for words where there are none', async () => {
    await page.element('#generate').click();
    await page.waitFor(() => !document.querySelector('#prompt-mistake').hidden, 'the mistake is named');
    assert.match(await page.element('#prompt-mistake').getText(), /^The prompt is empty/);
    assert.equal(await emulator.posts(), 0);
  });

  it('takes an example, and Ctrl+Enter', async () => {
    await page.element('.examples button').click();
    const prompt = await page.element('#prompt').getAttribute('value');
    await page.element('#prompt').sendKeys(Key.chord(Key.CONTROL, Key.ENTER));
    await page.until('completed');
    assert.equal((await page.cards())[0].prompt, prompt);
    assert.equal(await emulator.posts(), 1);
  });

  it('stops waiting, says what goes on, and resumes', async () => {
    await slow();
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1 });
    await page.until('queued');
    assert.match(await page.element('.stop-hint').getText(), /goes on, and is billed\. Resume is free/);
    await page.press('stop');
    const { note, actions } = await page.until('stopped');
    assert.match(note, /is paid for, and may go on at the service\. Resume/);
    assert.deepEqual(actions, ['resume', 'remove']);

    await emulator.plan({ poll: [{ finish: true }] });
    await page.press('resume');
    await page.until('completed');
    assert.equal(await emulator.posts(), 1);
    assert.equal(await emulator.charges(), 1);
  });

  it('resumes after a reload what was accepted before it', async () => {
    await slow();
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1 });
    await page.until('queued');
    await page.reload();
    assert.equal((await page.until('queued')).prompt, 'Slow piano');
    await emulator.plan({ poll: [{ finish: true }] });
    await page.until('completed');
    await page.reload();
    await page.until('completed');
    await page.waitFor(() => document.querySelector('.time').textContent.endsWith('/ 0:01'), 'the track is there');
    assert.equal(await emulator.posts(), 1);
    assert.equal(await emulator.charges(), 1);
  });

  it('recovers after a reload a request that was under way', async () => {
    await emulator.plan({ submit: [{ delay_ms: 3000 }] });
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1 });
    await page.until('submitting');
    await underWay();
    await page.reload();
    await page.until('completed');
    assert.equal(await emulator.posts(), 1);
    assert.equal(await emulator.charges(), 1);
  });

  it('recovers after a reload a request that was stopped meanwhile, and does not wait for it', async () => {
    await slow();
    await emulator.plan({ submit: [{ delay_ms: 3000 }] });
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1 });
    await underWay();
    await page.press('stop');
    await page.until('stopping');
    await page.reload();
    assert.deepEqual((await page.until('stopped')).actions, ['resume', 'remove']);
    assert.equal(await emulator.posts(), 1);
    assert.equal(await emulator.charges(), 1);
  });

  it('sends after a reload what never arrived, once', async () => {
    await remembersEnough();
    await page.read(loseFirst);
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1 });
    await page.waitFor(() => window.lost, 'the request is lost');
    await page.reload();
    await page.until('completed');
    assert.equal(await emulator.posts(), 1);
    assert.equal(await emulator.charges(), 1);
  });

  it('says after a reload that a stopped request never arrived, and sends it when told to', async () => {
    await remembersEnough();
    await page.read(loseFirst);
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1 });
    await page.waitFor(() => window.lost, 'the request is lost');
    await page.press('stop');
    await page.until('stopping');
    await page.reload();
    const { note, actions } = await page.until('stopped');
    assert.match(note, /Nothing was spent/);
    assert.deepEqual(actions, ['retry', 'remove']);
    assert.equal(await emulator.posts(), 0);
    await page.press('retry');
    await page.until('completed');
    assert.equal(await emulator.posts(), 1);
    assert.equal(await emulator.charges(), 1);
  });

  it('says after a reload that an unanswered request may have been billed, where nobody can be asked', async () => {
    await page.open('static');
    await page.connect({ address: emulator.url, key: demoKey });
    await emulator.plan({ submit: [{ delay_ms: 20_000 }] });
    await page.generate({ prompt: 'Slow piano' });
    await page.until('submitting');
    await underWay();
    await page.reload();
    await page.connect({ address: emulator.url, key: demoKey });
    const { word, note, settings, actions } = await page.until('unknown');
    assert.equal(word, 'Unknown: perhaps billed');
    assert.match(note, /No answer came.* It may have been billed/);
    assert.match(settings, /perhaps ≈ 25,200 credits/);
    assert.deepEqual(actions, ['remove']);
    assert.equal(await emulator.posts(), 1);
  });

  it('recovers by itself a track whose answer was lost', async () => {
    // The logs have what has ended.
    await emulator.plan({ submit: [{ status: 500, after_accept: true, finish: true }] });
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1 });
    await page.until('completed');
    assert.equal(await emulator.posts(), 1);
    assert.equal(await emulator.charges(), 1);
  });

  it('does not send again, nor offer to, what may have been billed', async () => {
    await page.open('static');
    await page.connect({ address: emulator.url, key: demoKey });
    await emulator.plan({ submit: [{ status: 500, after_accept: true }] });
    await page.generate({ prompt: 'Slow piano' });
    const { word, note, actions } = await page.until('unknown');
    assert.equal(word, 'Unknown: perhaps billed');
    assert.match(note, /may have been billed.*bill it twice/s);
    assert.deepEqual(actions, ['remove']);
    assert.equal(await emulator.posts(), 1);
    assert.equal(await emulator.charges(), 1);
  });

  it('says that the account is out of credits, and gives the request back', async () => {
    await emulator.plan({ submit: [{ status: 403, body: outOfCredits }] });
    await page.generate({ prompt: 'Slow piano', steps: 7 });
    const { note, settings, actions } = await page.until('failed');
    assert.match(note, /out of credits.*Nothing was spent\. Top up/s);
    assert.equal(settings, '30 s · 7 steps · nothing spent');
    assert.deepEqual(actions, ['retry', 'topup', 'edit', 'remove']);
    assert.match(await page.element('[data-action=topup]').getAttribute('href'), /^https:\/\/aimlapi\.com\//);
    await page.type('prompt', 'Something else');
    await page.press('edit');
    assert.equal(await page.element('#prompt').getAttribute('value'), 'Slow piano');
    await page.press('remove');
    assert.deepEqual(await page.cards(), []);
    assert.equal(await emulator.charges(), 0);
  });

  it('offers to try again what failed without being billed', async () => {
    await emulator.plan({ submit: [{ fail: 'message', finish: true }] });
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1, steps: 10 });
    assert.deepEqual((await page.until('failed')).actions, ['retry', 'remove']);
    await page.press('retry');
    await page.until('completed');
    assert.equal(await emulator.posts(), 2);
    assert.equal(await emulator.charges(), 1);
  });

  it('runs several at a time, and says so little that a screen reader can follow', async () => {
    await page.read(recordAnnouncements);
    await page.generate({ prompt: 'First', secondsTotal: 1, steps: 40 });
    await page.generate({ prompt: 'Second', secondsTotal: 1, steps: 40 });
    await page.waitFor(() => document.querySelectorAll('[data-phase=completed]').length === 2, 'both are done');
    assert.deepEqual((await page.read(() => window.announced)).toSorted(), [
      'Accepted: First',
      'Accepted: Second',
      'Done: First',
      'Done: Second',
    ]);
  });

  it('fits a phone and a desktop, in light and dark', async () => {
    await page.generate({ prompt: 'Slow piano in the rain', secondsTotal: 12, steps: 40 });
    await page.until('completed');
    await page.showUnknown('Warm synth, 120 bpm');
    await slow();
    await page.generate({ prompt: 'An uncommonly long prompt, with thunder, a distant choir, and no drums' });
    await page.until('queued');
    for (const [name, width, height, dark] of [
      ['desktop', 1280, 900, false],
      ['desktop-dark', 1280, 900, true],
      ['phone', 320, 700, false],
      ['phone-dark', 320, 700, true],
    ]) {
      if (!(await page.show({ width, height, dark, whole: true }))) continue;
      await page.type('steps', width < 600 ? '0' : '60');
      await page.waitFor(
        () => /Steps must|15,120/.test(document.querySelector('#form').innerText),
        'the value is read',
      );
      const { client, scroll } = await page.read(() => {
        const { clientWidth: client, scrollWidth: scroll } = document.documentElement;
        return { client, scroll };
      });
      assert.ok(scroll <= client, `${name}: ${scroll} of ${client} pixels wide`);
      await page.shoot(`demo-${engine}-${name}`);
    }
  });
});

// What follows runs in the page.

function recordPhases() {
  window.phases = [];
  const tracks = document.querySelector('#tracks');
  const observer = new MutationObserver(() => {
    const phase = tracks.querySelector('.card')?.dataset.phase;
    if (phase && phase !== 'submitting' && phase !== window.phases.at(-1)) window.phases.push(phase);
  });
  observer.observe(tracks, { subtree: true, childList: true, attributes: true });
}

function loseFirst() {
  const { fetch } = window;
  window.fetch = (url, init) => {
    if (init?.method !== 'POST') return fetch(url, init);
    window.lost = true;
    return new Promise(() => {});
  };
}

// An inline script, and a request to another host: neither may run.
function breakPolicy() {
  window.violations = [];
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
    window.violations.push(effectiveDirective),
  );
  const script = document.createElement('script');
  script.textContent = 'window.inlined = true';
  document.head.append(script);
  fetch('http://localhost:9/').catch(() => {});
}

function recordAnnouncements() {
  window.announced = [];
  const region = document.querySelector('#announcer');
  new MutationObserver(() => window.announced.push(region.textContent)).observe(region, { childList: true });
}

function drawn() {
  return Boolean(document.querySelector('.wave > div')?.shadowRoot?.querySelector('canvas'));
}

function catchDownloads() {
  const make = URL.createObjectURL;
  URL.createObjectURL = (blob) => {
    window.blob = blob;
    return make(blob);
  };
  HTMLAnchorElement.prototype.click = function () {
    const { size, type } = window.blob;
    window.caught = { name: this.download, size, type };
    const start = window.blob.slice(0, 12).arrayBuffer();
    start.then((buffer) => (window.caught.bytes = [...new Uint8Array(buffer)]));
  };
}
