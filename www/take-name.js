// The name of a track's file, with the number of the take where several would have the same one.

import { fileName } from './format.js';
import { takeOf } from './takes.js';

/** Of the jobs `all`, those that were started earlier and would have the same name count as earlier takes. */
export function takeName(job, type, all) {
  const name = fileName(job.request, type);
  const earlier = all.filter(
    (other) =>
      other.key !== job.key &&
      other.phase === 'completed' &&
      isBefore(other, job) &&
      fileName(other.request, type) === name,
  );
  return earlier.length === 0 ? name : name.replace(/(?=\.\w+$)/, `-take-${earlier.length + 1}`);
}

function isBefore(a, b) {
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt;
  const [first, second] = [takeOf(a)?.index, takeOf(b)?.index];
  return first === second ? a.key < b.key : first < second;
}
