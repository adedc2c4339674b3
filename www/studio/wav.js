// WAV files: reading one's sample rate, and writing one.

const headerBytes = 44;
const bytesPerSample = 2;

/** The sample rate of a WAV file's bytes; 44,100 of any other file. */
export function sampleRateOf(bytes) {
  const view = new DataView(bytes);
  const isWav = view.byteLength >= headerBytes && textAt(view, 0) === 'RIFF' && textAt(view, 8) === 'WAVE';
  const rate = isWav && textAt(view, 12) === 'fmt ' ? view.getUint32(24, true) : 0;
  // What an audio context takes in every engine.
  return rate >= 8000 && rate <= 96_000 ? rate : 44_100;
}

/** A WAV file of 16 bits, as a Blob, of a Float32Array for each channel. */
export function encodeWav(channels, sampleRate) {
  const frames = channels[0].length;
  const dataBytes = frames * channels.length * bytesPerSample;
  const view = new DataView(new ArrayBuffer(headerBytes + dataBytes));
  writeText(view, 0, 'RIFF');
  view.setUint32(4, headerBytes - 8 + dataBytes, true);
  writeText(view, 8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels.length, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * channels.length * bytesPerSample, true);
  view.setUint16(32, channels.length * bytesPerSample, true);
  view.setUint16(34, 8 * bytesPerSample, true);
  writeText(view, 36, 'data');
  view.setUint32(40, dataBytes, true);
  let offset = headerBytes;
  for (let frame = 0; frame < frames; frame += 1) {
    for (const samples of channels) {
      view.setInt16(offset, toInt16(samples[frame]), true);
      offset += bytesPerSample;
    }
  }
  return new Blob([view.buffer], { type: 'audio/wav' });
}

function toInt16(sample) {
  return Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768)));
}

function textAt(view, offset) {
  return String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(offset + index)));
}

function writeText(view, offset, text) {
  for (let index = 0; index < text.length; index += 1) view.setUint8(offset + index, text.charCodeAt(index));
}
