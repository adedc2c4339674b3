// A player with a waveform. The waveform is measured once, by reading the track; after that it is
// known, and a track is read again only to be heard.

import { setText } from './element.js';
import { clock } from './format.js';
import { soundEnded, soundStarted } from './one-sound.js';
import { followVolume } from './volume.js';

const bars = 240;
const height = 64;

/**
 * Opens a player of a file in a card's `.player`; `waveform` is what is known of it, else `keep` takes it.
 */
export class Player {
  /** Resolves to what wavesurfer has drawn, once the player has been seen. */
  drawn;
  #waveform;
  #file;
  #keep;
  #setDrawn;
  #parts;
  #wave;
  #blobUrl;
  #closing = new AbortController();

  constructor(element, { file, waveform, keep, failed }) {
    this.drawn = new Promise((resolve) => (this.#setDrawn = resolve));
    this.#waveform = waveform;
    this.#file = file;
    this.#keep = keep;
    const part = (name) => element.querySelector(`.${name}`);
    const audio = element.querySelector('audio');
    this.#parts = { element, audio, slider: part('wave'), play: part('play'), loop: part('loop'), time: part('time') };
    audio.src = file.url;
    audio.addEventListener('error', failed);
    this.#control();
    this.#show();
    const seen = new IntersectionObserver(([{ isIntersecting }]) => {
      if (!isIntersecting) return;
      seen.disconnect();
      this.#load();
    });
    seen.observe(element);
    this.#closing.signal.addEventListener('abort', () => seen.disconnect());
  }

  /** Falls silent, and gives back what it holds. */
  close() {
    this.#closing.abort();
    this.#parts.audio.pause();
    this.#wave?.destroy();
    if (this.#blobUrl) URL.revokeObjectURL(this.#blobUrl);
  }

  /** From now on plays this Blob; what plays already goes on. Returns its URL, which lives as long as the player. */
  use(blob) {
    const { audio } = this.#parts;
    this.#blobUrl ??= URL.createObjectURL(blob);
    const isUntouched = audio.paused && audio.currentTime === 0;
    if ((isUntouched || audio.error) && audio.src !== this.#blobUrl) audio.src = this.#blobUrl;
    return this.#blobUrl;
  }

  get #duration() {
    const { duration } = this.#parts.audio;
    return this.#waveform?.duration ?? (Number.isFinite(duration) ? duration : 0);
  }

  async #load() {
    try {
      // Where the waveform is known, the track is not read again; but what this browser has is played from here.
      const blob = await (this.#waveform ? this.#file.find() : this.#file.read());
      if (this.#closing.signal.aborted) return;
      if (blob) this.use(blob);
      if (!this.#waveform) {
        this.#waveform = await measure(blob);
        this.#keep(this.#waveform);
      }
    } catch {
      // A host that lets a page play a file may still not let it read one.
      this.#parts.audio.preload = 'metadata';
    }
    this.#show();
    await this.#draw();
  }

  async #draw() {
    const { default: WaveSurfer } = await import('wavesurfer.js');
    if (this.#closing.signal.aborted) return;
    const { slider, audio } = this.#parts;
    const { duration, peaks } = this.#waveform ?? { duration: 1, peaks: [0, 0] };
    slider.replaceChildren();
    this.#wave = WaveSurfer.create({
      container: slider,
      media: audio,
      peaks: [peaks],
      duration,
      // The page's policy allows the style of exactly this height.
      height,
      barWidth: 2,
      barGap: 1,
      barMinHeight: 2,
      cursorWidth: 2,
      normalize: true,
      dragToSeek: true,
      hideScrollbar: true,
      ...colours(slider),
    });
    const { signal } = this.#closing;
    for (const feature of ['(prefers-color-scheme: dark)', '(forced-colors: active)']) {
      matchMedia(feature).addEventListener('change', () => this.#wave.setOptions(colours(slider)), { signal });
    }
    this.#setDrawn(this.#wave);
  }

  #control() {
    const { audio, slider, play, loop } = this.#parts;
    const { signal } = this.#closing;
    const show = () => this.#show();
    for (const event of ['play', 'pause', 'ended', 'timeupdate', 'seeking', 'durationchange']) {
      audio.addEventListener(event, show, { signal });
    }
    const stop = () => audio.pause();
    audio.addEventListener('play', () => soundStarted(stop));
    audio.addEventListener('pause', () => soundEnded(stop));
    audio.addEventListener('play', () => startUnloaded(audio));
    // Refused where the file cannot be had; the element's own error says so.
    play.addEventListener('click', () => (audio.paused ? audio.play().catch(() => {}) : audio.pause()));
    loop.addEventListener('click', () => {
      audio.loop = !audio.loop;
      loop.setAttribute('aria-pressed', String(audio.loop));
    });
    slider.addEventListener('keydown', (event) => {
      const target = seekTarget(event.key, audio.currentTime, this.#duration);
      if (target === undefined) return;
      event.preventDefault();
      audio.currentTime = Math.min(Math.max(0, target), this.#duration);
      this.#show();
    });
    followVolume((volume) => (audio.volume = volume), signal);
  }

  #show() {
    const { audio, slider, play, time } = this.#parts;
    const duration = this.#duration;
    const [now, whole] = [clock(audio.currentTime * 1000), clock(Math.round(duration) * 1000)];
    play.dataset.playing = String(!audio.paused);
    setText(play, audio.paused ? 'Play' : 'Pause');
    setText(time, `${now} / ${duration ? whole : '–:––'}`);
    slider.setAttribute('aria-valuemax', String(Math.round(duration)));
    slider.setAttribute('aria-valuenow', String(Math.floor(Math.min(audio.currentTime, duration))));
    slider.setAttribute('aria-valuetext', `${now} of ${whole}`);
  }
}

/**
 * Sets the position of a track that starts before it is loaded once more when it is loaded. WebKit sometimes
 * never starts a track whose position was set before.
 */
function startUnloaded(audio) {
  const { currentTime, readyState } = audio;
  if (readyState !== audio.HAVE_NOTHING || currentTime === 0) return;
  audio.currentTime = 0;
  audio.addEventListener('loadedmetadata', () => (audio.currentTime = currentTime), { once: true });
}

/** Where a key leads in the track, as in any slider. */
function seekTarget(key, now, duration) {
  const targets = {
    ArrowLeft: now - 1,
    ArrowDown: now - 1,
    ArrowRight: now + 1,
    ArrowUp: now + 1,
    PageDown: now - 5,
    PageUp: now + 5,
    Home: 0,
    End: duration,
  };
  return targets[key];
}

/** The loudest moment of each of some equal parts, and how long the track is. */
async function measure(blob) {
  const context = new OfflineAudioContext(1, 1, 8000);
  const buffer = await context.decodeAudioData(await blob.arrayBuffer());
  const samples = buffer.getChannelData(0);
  const size = Math.max(1, Math.ceil(samples.length / bars));
  const peaks = [];
  for (let start = 0; start < samples.length; start += size) {
    const peak = samples.subarray(start, start + size).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    peaks.push(Math.round(peak * 100) / 100);
  }
  return { duration: Math.round(buffer.duration * 100) / 100, peaks };
}

function colours(element) {
  const style = getComputedStyle(element);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  return { waveColor: colour('edge'), progressColor: colour('signal'), cursorColor: colour('ink') };
}
