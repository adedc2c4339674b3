// How much of the processors the steps take: what `cores` in `steps.mjs` is set by.

import { readFileSync } from 'node:fs';

const msPerTick = 10;

/** The CPU time of all children that have ended, with theirs, in milliseconds; undefined but on Linux. */
export function endedChildrenMs() {
  if (process.platform !== 'linux') return undefined;
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // The name before may have spaces; the first field after it is the third, and `cutime` is the 16th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * msPerTick;
}
