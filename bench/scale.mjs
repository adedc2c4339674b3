// The load of a million clients that start within a minute, and after an outage of ten minutes.

import { aligned } from '../tools/table.mjs';
import { measureNatively } from './native.mjs';

export const measure = () => measureNatively('scale');

export function report({ rows, clients, seed }) {
  const head = [
    'peak requests a second',
    'all at once',
    'within a minute',
    'p95 delay, s',
    'in the outage',
    'after it',
    'p95 delay, s',
  ];
  const lines = rows.map((row) => [
    row.policy,
    row.peakWithinASecond,
    row.peakWithinAMinute,
    seconds(row.p95Ms),
    row.peakInOutage,
    row.peakAfterOutage,
    seconds(row.p95AfterOutageMs),
  ]);
  return `${aligned([head, ...lines])}\n\n${clients.toLocaleString('en')} clients, seed ${seed}`;
}

function seconds(ms) {
  return Number((ms / 1000).toFixed(1));
}
