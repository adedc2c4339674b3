// A part of a track: chosen on the waveform or by its two times, repeated without a gap, saved as a file.

import RegionsPlugin from 'wavesurfer.js/dist/plugins/regions.js';

import { createElement } from '../element.js';
import { save } from '../track-file.js';
import { fadeSeconds, loopOf } from './loop.js';
import { playLoop } from './loop-player.js';
import { encodeWav, sampleRateOf } from './wav.js';

/** In seconds. */
const shortest = 0.1;

/**
 * Shows a part on a waveform, and its controls in `group`. `file` gives the track's Blob and name, `from` is
 * where the part begins at first. Returns a function that takes both away.
 */
export function openPart({ wavesurfer, group, file, from, told }) {
  const duration = wavesurfer.getDuration();
  const regions = wavesurfer.registerPlugin(RegionsPlugin.create());
  const playhead = createElement('div', { className: 'playhead' });
  Object.assign(playhead.style, { position: 'absolute', inset: '0 auto 0 0', width: '2px', pointerEvents: 'none' });
  const length = Math.max(shortest, Math.min(4, duration / 3));
  const start = Math.max(0, Math.min(from, duration - length));
  const region = regions.addRegion({
    start,
    end: start + length,
    minLength: shortest,
    color: 'color-mix(in srgb, var(--signal) 22%, transparent)',
  });
  const decoded = decode(file);
  // Said when it is wanted.
  decoded.catch(() => {});
  let loop, frame;

  const fields = [createTime('From', 'start'), createTime('To', 'end')];
  const loopButton = createElement('button', { type: 'button', className: 'loop-part', textContent: 'Loop this part' });
  const saveButton = createElement('button', { type: 'button', className: 'save-part', textContent: 'Save as WAV' });
  loopButton.setAttribute('aria-pressed', 'false');
  group.replaceChildren(...fields.map(({ label }) => label), loopButton, saveButton);

  const samples = ({ channels, sampleRate }) => {
    const at = (seconds) => Math.round(seconds * sampleRate);
    const last = Math.min(at(region.end), channels[0].length);
    return channels.map((channel) => loopOf(channel, at(region.start), last, at(fadeSeconds)));
  };
  const show = () => fields.forEach((field) => field.show());
  const follow = () => {
    // In a card that has been folded there is nothing left to stop it by.
    if (!group.offsetParent) return loop.stop();
    playhead.style.left = `${(100 * loop.position()) / (region.end - region.start)}%`;
    frame = requestAnimationFrame(follow);
  };
  const stopped = () => {
    loop = undefined;
    cancelAnimationFrame(frame);
    playhead.remove();
    loopButton.setAttribute('aria-pressed', 'false');
  };
  const withTrack = async (work) => {
    try {
      const track = await decoded;
      if (region.element) work(track);
    } catch {
      told('This part cannot be had: the track could not be read. Its link may have expired.');
    }
  };
  const changed = () => {
    show();
    if (loop) withTrack((track) => loop?.replace(samples(track)));
  };

  loopButton.addEventListener('click', () => {
    if (loop) return loop.stop();
    return withTrack((track) => {
      if (loop) return;
      loop = playLoop(samples(track), track.sampleRate, { stopped });
      loopButton.setAttribute('aria-pressed', 'true');
      playhead.style.background = 'var(--ink)';
      region.element.append(playhead);
      follow();
    });
  });
  saveButton.addEventListener('click', () =>
    withTrack((track) => {
      const [first, last] = [region.start, region.end].map((seconds) => seconds.toFixed(2));
      const name = file.nameFor('audio/wav').replace(/\.wav$/, `-from-${first}-to-${last}.wav`);
      save(encodeWav(samples(track), track.sampleRate), name);
    }),
  );
  regions.on('region-update', show);
  regions.on('region-updated', changed);
  show();

  return () => {
    loop?.stop();
    regions.destroy();
    group.replaceChildren();
  };

  function createTime(text, side) {
    const input = createElement('input', { type: 'number', min: '0', max: duration.toFixed(2), step: '0.01' });
    input.dataset.side = side;
    input.addEventListener('change', () => {
      const [low, high] = side === 'start' ? [0, region.end - shortest] : [region.start + shortest, duration];
      const wanted = Number.isFinite(input.valueAsNumber) ? input.valueAsNumber : region[side];
      region.setOptions({ start: region.start, end: region.end, [side]: Math.min(Math.max(low, wanted), high) });
      changed();
    });
    return {
      label: createElement('label', {}, `${text} `, input, ' s'),
      show: () => (input.value = region[side].toFixed(2)),
    };
  }
}

/** A track's samples, for each channel, at its own sample rate. */
async function decode(file) {
  const blob = await file.read();
  const bytes = await blob.arrayBuffer();
  const sampleRate = sampleRateOf(bytes);
  const buffer = await new OfflineAudioContext(1, 1, sampleRate).decodeAudioData(bytes);
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, index) => buffer.getChannelData(index));
  return { channels, sampleRate };
}
