// A part of a track: chosen on the waveform or by its times, repeated without a gap, saved as a WAV file.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { loopOf } from '../../www/studio/loop.js';
import { encodeWav, sampleRateOf } from '../../www/studio/wav.js';
import { openDemo } from './demo/open.mjs';
import { engine } from './harness.mjs';

describe('the samples of a loop', () => {
  const rate = 1000;
  const fade = 15;
  const sine = Float32Array.from({ length: 2000 }, (_, index) => Math.sin((2 * Math.PI * 7 * index) / rate));
  /** The steepest step that the sine takes by itself, and what two of them mixed may add. */
  const steepest = 3 * Math.sin((2 * Math.PI * 7) / rate);

  for (const [where, start, end, length] of [
    ['in the middle of a track', 300, 1370, 1070],
    ['at the beginning of a track', 0, 1370, 1370],
    ['at the end of a track', 511, 2000, 1489],
    ['of a whole track, which is shorter by the fade,', 0, 2000, 1985],
    ['that is hardly longer than a fade', 500, 520, 20],
  ]) {
    it(`${where} have no step where the end meets the beginning`, () => {
      const loop = loopOf(sine, start, end, fade);
      assert.equal(loop.length, length);
      assert.ok(steepestOf(loop) <= steepest, `a step of ${steepestOf(loop)}`);
      assert.ok(Math.max(...loop.map(Math.abs)) <= 1);
    });
  }

  it('are those of the track but for the fade', () => {
    const loop = loopOf(sine, 300, 1370, fade);
    assert.deepEqual(loop.slice(0, -fade), sine.slice(300, 1370 - fade));
  });

  it('leave the track as it is', () => {
    const before = sine.slice();
    for (const [start, end] of [
      [0, 1000],
      [0, 2000],
      [300, 2000],
    ])
      loopOf(sine, start, end, fade);
    assert.deepEqual(sine, before);
  });
});

describe('a WAV file', () => {
  it('has each sample of each channel, and says its rate', async () => {
    const blob = encodeWav([Float32Array.of(0, 0.5, 2), Float32Array.of(-1, -2, 0)], 32_000);
    const bytes = await blob.arrayBuffer();
    assert.equal(bytes.byteLength, 44 + 12);
    assert.deepEqual([...new Int16Array(bytes.slice(44))], [0, -32_768, 16_384, -32_768, 32_767, 0]);
    assert.equal(sampleRateOf(bytes), 32_000);
    assert.equal(sampleRateOf(new ArrayBuffer(10)), 44_100);
  });
});

describe(`a part of a track at the demo in ${engine}`, { timeout: 240_000 }, () => {
  let demo, page, emulator, driver;
  before(async () => {
    demo = await openDemo(engine, { speed: 20 });
    ({ page, emulator, driver } = demo);
  });
  after(() => demo?.close());
  beforeEach(async () => {
    await emulator.reset();
    await page.open();
    await emulator.plan({ submit: [{ finish: true }] });
    await page.generate({ prompt: 'Slow piano', secondsTotal: 6, steps: 1 });
    await page.until('completed');
    await page.waitFor(() => Boolean(document.querySelector('.wave > div')?.shadowRoot), 'the waveform is drawn');
    await page.waitFor(() => Boolean(document.querySelector('button.part')), 'the tools are there');
    await page.read(() => document.querySelector('button.part').scrollIntoView({ block: 'center' }));
    await page.element('button.part').click();
    await page.waitFor(() => Boolean(document.querySelector('.part-controls input')), 'a part is selected');
  });

  const times = () =>
    page.read(() => [...document.querySelectorAll('.part-controls input')].map(({ valueAsNumber }) => valueAsNumber));
  const setTime = async (side, value) => {
    await page.read(
      (name, seconds) => {
        const input = document.querySelector(`[data-side=${name}]`);
        input.value = seconds;
        input.dispatchEvent(new Event('change', { bubbles: true }));
      },
      side,
      value,
    );
  };
  const isPressed = (css) =>
    page.read((button) => document.querySelector(button).getAttribute('aria-pressed') === 'true', css);

  const drag = ([x, y], dx) =>
    driver
      .actions()
      .move({ x: Math.round(x), y: Math.round(y) })
      .press()
      .move({ x: Math.round(x + dx / 2), y: Math.round(y), duration: 50 })
      .move({ x: Math.round(x + dx), y: Math.round(y), duration: 50 })
      .release()
      .perform();

  it('is chosen by its times, which are kept in order and within the track', async () => {
    const [from, to] = await times();
    assert.ok(from === 0 && to > 1 && to < 6, `${from} to ${to}`);
    await setTime('end', 99);
    await setTime('start', 5.99);
    const [start, end] = await times();
    assert.ok(Math.abs(end - 6) < 0.05, `ends at ${end}`);
    assert.ok(Math.abs(end - start - 0.1) < 0.02, `${start} to ${end}`);
    await setTime('start', '');
    assert.equal((await times())[0], start);
    assert.deepEqual(await page.violations(), []);
    await page.element('button.part').click();
    assert.equal(await page.element('.part-controls').isDisplayed(), false);
  });

  it('is chosen by dragging it and its ends on the waveform', async () => {
    await setTime('end', 2);
    await setTime('start', 1);
    const [body, right] = await page.read(() => {
      const region = document.querySelector('.wave > div').shadowRoot.querySelector('[part~=region]');
      const box = region.getBoundingClientRect();
      return [
        [box.x + box.width / 2, box.y + box.height / 2],
        [box.right - 3, box.y + box.height / 2],
      ];
    });

    await drag(right, 60);
    const [start, end] = await times();
    assert.equal(start, 1);
    assert.ok(end > 2.2, `ends at ${end}`);
    await drag(body, 80);
    const [movedStart, movedEnd] = await times();
    assert.ok(movedStart > 1.2, `begins at ${movedStart}`);
    assert.ok(Math.abs(movedEnd - movedStart - (end - start)) < 0.03, `${movedStart} to ${movedEnd}`);
  });

  it('is repeated without a gap, while nothing else sounds, and follows when it is changed', async () => {
    await page.read(watchLoops);
    await setTime('end', 2);
    await setTime('start', 1);
    await page.element('.loop-part').click();
    await page.waitFor(() => window.loops.length === 1, 'it sounds');
    assert.equal(await isPressed('.loop-part'), true);
    const [first] = await page.read(() => window.loops.map(({ source }) => [source.loop, source.buffer.duration]));
    assert.deepEqual(first, [true, 1]);
    const { silence, step, steepest } = await page.read(renderLoop);
    assert.ok(silence < 0.05, `${silence} s of silence`);
    assert.ok(step <= steepest * 1.5, `a step of ${step}, where the track has ${steepest}`);
    await page.shoot(`demo-${engine}-part`);

    await setTime('end', 3);
    await page.waitFor(() => window.loops.length === 2, 'it follows');
    assert.equal(await page.read(() => window.loops[1].source.buffer.duration), 2);

    await page.element('.play').click();
    await page.waitFor(() => !document.querySelector('audio').paused, 'the track plays');
    assert.equal(await isPressed('.loop-part'), false);
    await page.element('.loop-part').click();
    await page.waitFor(() => document.querySelector('audio').paused, 'the track pauses');
    assert.equal(await isPressed('.loop-part'), true);
    assert.deepEqual(await page.violations(), []);
    await page.element('button.part').click();
    await page.waitFor(() => window.loops.at(-1).context.state === 'closed', 'it falls silent');
  });

  it('is saved as a WAV file of what is heard', async () => {
    await page.read(catchSaved);
    await setTime('end', 2.5);
    await setTime('start', 1);
    await page.element('.save-part').click();
    await page.waitFor(() => Boolean(window.saved), 'it is saved');
    const { name, bytes, rate, channels } = await page.read(() => window.saved);
    assert.equal(name, 'slow-piano-6s-from-1.00-to-2.50.wav');
    assert.equal(rate, 44_100);
    assert.equal(bytes, 44 + 1.5 * 44_100 * 2 * channels);
  });

  it('that cannot be read is told', async () => {
    await page.element('button.part').click();
    await page.forgetAudio();
    await page.expireLinks();
    await page.reload();
    await page.waitFor(() => Boolean(document.querySelector('.wave > div')?.shadowRoot), 'the waveform is drawn');
    await page.waitFor(() => Boolean(document.querySelector('button.part')), 'the tools are there');
    await page.read(() => document.querySelector('button.part').scrollIntoView({ block: 'center' }));
    await page.element('button.part').click();
    await page.waitFor(() => Boolean(document.querySelector('.part-controls input')), 'a part is selected');
    await page.element('.loop-part').click();
    await page.waitFor(() => /could not be read/.test(document.querySelector('.note').innerText), 'it is told');
    assert.equal(await page.read(() => document.querySelector('.ask-link').checkVisibility()), true);
  });
});

function steepestOf(loop) {
  return Math.max(...loop.map((sample, index) => Math.abs(sample - loop.at(index - 1))));
}

// Runs in the page.
function watchLoops() {
  window.loops = [];
  const { start } = AudioBufferSourceNode.prototype;
  AudioBufferSourceNode.prototype.start = function (...args) {
    window.loops.push({ source: this, context: this.context });
    return start.apply(this, args);
  };
}

// Runs in the page: three rounds of the loop, as the browser itself plays them.
async function renderLoop() {
  const { buffer } = window.loops[0].source;
  const context = new OfflineAudioContext(1, Math.round(3 * buffer.length), buffer.sampleRate);
  const source = new AudioBufferSourceNode(context, { buffer, loop: true });
  source.connect(context.destination);
  AudioScheduledSourceNode.prototype.start.call(source);
  const samples = (await context.startRendering()).getChannelData(0);
  const stepAt = (index) => Math.abs(samples[index] - samples[index - 1]);
  let steepest = 0;
  let [quiet, longest] = [0, 0];
  for (let index = 1; index < samples.length; index += 1) {
    if (index % buffer.length !== 0) steepest = Math.max(steepest, stepAt(index));
    quiet = Math.abs(samples[index]) < 1e-4 ? quiet + 1 : 0;
    longest = Math.max(longest, quiet);
  }
  return { silence: longest / buffer.sampleRate, step: stepAt(buffer.length), steepest };
}

// Runs in the page.
function catchSaved() {
  const make = URL.createObjectURL;
  let last;
  URL.createObjectURL = (blob) => make((last = blob));
  HTMLAnchorElement.prototype.click = async function () {
    const bytes = await last.arrayBuffer();
    const view = new DataView(bytes);
    const [channels, rate] = [view.getUint16(22, true), view.getUint32(24, true)];
    window.saved = { name: this.download, bytes: bytes.byteLength, rate, channels };
  };
}
