// What a WAV file's head says.

/** The format of a RIFF/WAVE file, the length of its head and of its sound; undefined for anything else. */
export function readWav(bytes) {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') return undefined;
  let format;
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    at += 8;
    if (name === 'fmt ' && at + 16 <= bytes.length) {
      const [channels, rate] = [bytes.readUInt16LE(at + 2), bytes.readUInt32LE(at + 4)];
      format = { channels, rate, bytesPerSecond: bytes.readUInt32LE(at + 8), bits: bytes.readUInt16LE(at + 14) };
    } else if (name === 'data') {
      return format && { ...format, head: at, seconds: length / format.bytesPerSecond };
    }
    at += length + (length % 2);
  }
  return undefined;
}
