// Plays samples round and round by Web Audio, which, unlike an <audio>, leaves no gap.

import { soundEnded, soundStarted } from '../one-sound.js';
import { followVolume } from '../volume.js';

/** In seconds: what begins or ends in the middle of a wave clicks without. */
const rampSeconds = 0.01;

/**
 * Starts at once; call it within a gesture, so that the page may sound. `stopped` is called when it has been
 * stopped, here or because something else sounds now.
 */
export function playLoop(channels, sampleRate, { stopped }) {
  const context = new AudioContext({ sampleRate });
  const output = context.createGain();
  output.connect(context.destination);
  const closing = new AbortController();
  followVolume((volume) => output.gain.setTargetAtTime(volume, context.currentTime, rampSeconds), closing.signal);
  let current = start(context, output, channels, 0);

  const stop = () => {
    if (closing.signal.aborted) return;
    closing.abort();
    soundEnded(stop);
    fadeOut(context, current);
    setTimeout(() => context.close(), 1000 * 5 * rampSeconds);
    stopped();
  };
  context.resume();
  soundStarted(stop);

  const position = () => (context.currentTime - current.startedAt) % current.duration;
  return {
    stop,
    /** In seconds, from the loop's beginning. */
    position,
    /** Goes on with other samples, from the same place where they have it. */
    replace(next) {
      const from = position();
      fadeOut(context, current);
      current = start(context, output, next, from);
    },
  };
}

function start(context, output, channels, from) {
  const buffer = context.createBuffer(channels.length, channels[0].length, context.sampleRate);
  channels.forEach((samples, index) => buffer.copyToChannel(samples, index));
  const source = new AudioBufferSourceNode(context, { buffer, loop: true });
  const gain = new GainNode(context, { gain: 0 });
  source.connect(gain).connect(output);
  const offset = from % buffer.duration;
  source.start(0, offset);
  gain.gain.setTargetAtTime(1, context.currentTime, rampSeconds);
  return { source, gain, duration: buffer.duration, startedAt: context.currentTime - offset };
}

function fadeOut(context, { source, gain }) {
  gain.gain.cancelScheduledValues(context.currentTime);
  gain.gain.setTargetAtTime(0, context.currentTime, rampSeconds);
  source.stop(context.currentTime + 5 * rampSeconds);
}
