// A part of a track that can be repeated without a click: where its end meets its beginning, one fades into
// the other.

/** In seconds: short enough to leave a beat alone. */
export const fadeSeconds = 0.015;

/**
 * The samples from `start` up to `end`, of the same length, so that a rhythm keeps its time. Their last
 * `fade` samples turn into what lies before `start`, so that the step back to `start` is the track's own.
 * Where too little lies before, their first ones turn out of what lies after `end`; where both is too little,
 * as in a whole track, the loop is that much shorter.
 */
export function loopOf(samples, start, end, fade) {
  const length = Math.min(fade, Math.floor((end - start) / 2));
  if (start >= length) {
    const loop = samples.slice(start, end);
    mix(loop, end - start - length, loop.subarray(end - start - length), samples.subarray(start - length, start));
    return loop;
  }
  if (samples.length - end >= length) {
    const loop = samples.slice(start, end);
    mix(loop, 0, samples.subarray(end, end + length), loop.subarray(0, length));
    return loop;
  }
  const loop = samples.slice(start, end - length);
  mix(loop, 0, samples.subarray(end - length, end), loop.subarray(0, length));
  return loop;
}

/** Writes at `offset` of `target` how `from` fades into `to`. Straight, so that nothing gets louder than it was. */
function mix(target, offset, from, to) {
  const length = to.length;
  for (let index = 0; index < length; index += 1) {
    const share = (index + 0.5) / length;
    target[offset + index] = from[index] * (1 - share) + to[index] * share;
  }
}
