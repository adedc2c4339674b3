// What the logs tell of the generations.

import { columnsOf, time } from './format.mjs';

/** Of the first generation, as soon as it has ended. */
export async function askLogs({ logs, rows, first, refusedId }) {
  let seen = [];
  const rowOf = (is) => {
    const row = seen.find(is);
    if (!row) throw new Error('it was not in the logs');
    return row;
  };
  const isIts = ({ inference_id: id }) => id === first.id;
  await rows.answer('logs-under-way', () => underWay(first));
  await rows.answer('logs-lag', async () => {
    const early = first.looks.some(({ row }) => row);
    const { rows: found, missedAt, seenAt } = await firstSeen(logs, first, isIts);
    seen = found;
    const since = (at) => time(Math.max(0, at - first.endedAt));
    return early ? 'it was there before its end was heard' : `between ${since(missedAt)} and ${since(seenAt)}`;
  });
  await rows.answer('logs-columns', () => columnsOf(rowOf(isIts)));
  await rows.answer('logs-client-request-id', () => {
    const { inference_id: id } = rowOf(({ client_request_id: own }) => own === first.clientRequestId);
    return `yes; ${id === first.id ? 'yes' : `no: ${id}`}`;
  });
  await rows.answer('logs-polls', () => {
    rowOf(isIts);
    return `${seen.filter(isIts).length} in all for one submit and ${first.statuses.length} polls`;
  });
  await rows.answer('logs-refused', () => {
    const { status, cost } = rowOf(({ client_request_id: own }) => own === refusedId);
    return `yes: ${status}, cost ${JSON.stringify(cost)}`;
  });
}

/** Whether every generation is there in the end. */
export async function askLogsOfAll({ logs, rows, generations }) {
  const ids = generations.filter(({ id }) => id).map(({ id }) => id);
  if (ids.length < 2) return;
  await rows.answer('logs-all', async () => {
    const areThere = (seen) => ids.every((id) => seen.some((row) => row.inference_id === id));
    return (await logs.find(areThere)) ? `all ${ids.length}` : 'not all, in the time given';
  });
}

function underWay({ looks, pendingAt }) {
  const early = looks.filter(({ at }) => at < pendingAt);
  if (early.length === 0) return 'not seen: it ended too soon';
  const found = early.find(({ row }) => row);
  return found ? `yes: ${found.row.status}` : `none in ${early.length} look${early.length > 1 ? 's' : ''}`;
}

async function firstSeen(logs, { endedAt, looks }, isIts) {
  let missedAt = Math.max(endedAt, looks.at(-1)?.at ?? 0);
  const found = await logs.find((rows) => {
    const at = performance.now();
    if (rows.some(isIts)) return { rows, seenAt: at };
    missedAt = at;
    return undefined;
  });
  if (!found) throw new Error(`it was not there ${time(missedAt - endedAt)} after its end`);
  return { ...found, missedAt };
}
