// When to poll: the requests of a loop and how late it notices completion, compared with the optimum.

import { aligned } from '../tools/table.mjs';
import { measureNatively } from './native.mjs';

export const measure = () => measureNatively('cadence');

export function report({ rows, modules, seed }) {
  const names = [...new Set(rows.map(({ durations }) => durations))];
  const tables = names.map((name) => {
    const own = rows.filter(({ durations }) => durations === name);
    const head = [name, 'requests', 'documented', 'delay, s', 'p95, s', 'goal', ''];
    return aligned([head, ...own.map(line)]);
  });
  return [...tables, `${modules} fresh modules each, seed ${seed}`].join('\n\n');
}

function line({ policy, requests, documentedRequests, delayMs, p95Ms, goal = '', met }) {
  const late = [delayMs, p95Ms].map((ms) => (ms === undefined ? '' : seconds(ms)));
  const spent = [requests, documentedRequests].map((count) => count.toFixed(2));
  return [policy, ...spent, ...late, goal, typeof met === 'boolean' ? (met ? 'met' : 'MISSED') : ''];
}

function seconds(ms) {
  return (ms / 1000).toFixed(2);
}
