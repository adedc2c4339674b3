// The measured waveform of each track, by its generation, so that a track is read again only to be heard.

import { forget, recall, remember } from './preferences.js';

const nameOf = ({ id }) => `waveform/${id}`;

/** The waveform of a generation, `{ duration, peaks }`; undefined where it is not known. */
export function recallWaveform(generation) {
  try {
    return JSON.parse(recall(nameOf(generation)) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

export function rememberWaveform(generation, waveform) {
  remember(nameOf(generation), JSON.stringify(waveform));
}

export function forgetWaveform(generation) {
  if (generation) forget(nameOf(generation));
}
