// One generation: submitted once, followed to its end, found in the logs.

import { setTimeout as sleep } from 'node:timers/promises';

import { objectOf } from './exchange.mjs';

const ends = {
  completed: 'completed',
  complete: 'completed',
  succeeded: 'completed',
  error: 'failed',
  failed: 'failed',
};

/** Thrown by a `send` that certainly sent nothing. */
export class NotSent extends Error {}

/**
 * Makes one submit by `send`, says its id at once, and resolves to what became of it. One whose outcome nobody
 * heard is looked up in the logs. After a refusal that the next would meet too, and while a submit is unknown,
 * nothing more is sent.
 */
export async function submit(context, { from, clientRequestId, send }) {
  if (context.stopped) throw new Error(`not sent: ${context.stopped}`);
  const generation = { from, clientRequestId, start: performance.now(), statuses: [], polls: [], looks: [] };
  context.generations.push(generation);
  try {
    generation.reply = await send();
    Object.assign(generation, outcomeOf(generation.reply));
  } catch (error) {
    generation.outcome = error instanceof NotSent ? 'not sent' : 'unknown';
    generation.error = error.message;
  }
  generation.submitMs = performance.now() - generation.start;
  generation.heard = generation.outcome;
  if (generation.outcome === 'unknown') await lookUp(context, generation);
  sayOutcome(context, generation);
  return generation;
}

/** Polls by `poll` until the end, and looks into the logs when `looks` is set and they may be looked at. */
export async function follow({ service, logs }, generation, { poll, looks = false }) {
  const end = performance.now() + service.pace.jobMs;
  while (performance.now() < end) {
    if (looks && logs.isDue()) await lookAt(logs, generation);
    const reply = await poll().catch((error) => ({ error: error.message }));
    const at = performance.now();
    const word = reply.status === 200 ? String(objectOf(reply).status) : (reply.error ?? `HTTP ${reply.status}`);
    generation.statuses.push(word);
    if (reply.status === 200) generation.polls.push(reply);
    const outcome = ends[word.trim().toLowerCase()];
    if (outcome) return Object.assign(generation, { outcome, endedAt: at, audio: objectOf(reply).audio_file });
    generation.pendingAt = at;
    await sleep(service.pace.pollMs);
  }
  throw new Error(`it had not ended after ${service.pace.jobMs / 1000} s: ${countedWords(generation.statuses)}`);
}

/** Consecutive words with their counts: `queued ×2, completed`. */
export function countedWords(words) {
  const runs = [];
  for (const word of words) {
    if (runs.at(-1)?.word === word) runs.at(-1).count += 1;
    else runs.push({ word, count: 1 });
  }
  return runs.map(({ word, count }) => (count > 1 ? `${word} ×${count}` : word)).join(', ');
}

function outcomeOf(reply) {
  const { id, generation_id: first } = objectOf(reply);
  const known = id || first || reply.headers['x-inference-id'];
  if (reply.status >= 200 && reply.status < 300) {
    return known ? { outcome: 'accepted', id: String(known) } : { outcome: 'unknown' };
  }
  return { outcome: reply.status >= 300 && reply.status < 500 && reply.status !== 408 ? 'refused' : 'unknown' };
}

async function lookUp({ logs, known, isKnown, say }, generation) {
  say(`! ${generation.from}: nobody heard what became of the submit; looking into the logs`);
  const { clientRequestId } = generation;
  // Without an id of its own it is what the logs have more than before, as far as that is known.
  if (!clientRequestId && !isKnown) return;
  const isNew = (row) => row.status === 'succeeded' && !row.client_request_id && !known.has(row.inference_id);
  const isIts = clientRequestId ? (row) => row.client_request_id === clientRequestId : isNew;
  try {
    const row = await logs.find((rows) => rows.find(isIts));
    if (!row) return;
    generation.looks.push({ at: performance.now(), row });
    if (row.status === 'failed') {
      generation.outcome = 'failed';
      generation.error = `the logs have it as failed, which is not billed: ${row.inference_id}`;
    } else {
      generation.outcome = 'accepted';
      generation.id = row.inference_id;
    }
  } catch (error) {
    generation.error = `${generation.error ?? 'no answer'}; ${error.message}`;
  }
}

function sayOutcome(context, { from, outcome, id, reply, error }) {
  const { say, known } = context;
  if (id) {
    known.add(id);
    say(`· ${from}: generation ${id} (to resume it: client.waitFor with this id)`);
  } else {
    say(`! ${from}: ${outcome}: ${error ?? (reply ? `the service answered ${reply.status}` : '')}`);
  }
  if (outcome === 'unknown') context.stopped = 'of the submit before nobody knows what became';
  else if ([401, 403, 429].includes(reply?.status)) context.stopped = `the submit before was refused: ${reply.status}`;
}

// What hinders a look hinders no poll.
async function lookAt(logs, generation) {
  const at = performance.now();
  const rows = await logs.look().catch(() => undefined);
  if (rows) generation.looks.push({ at, row: rows.find(({ inference_id: id }) => id === generation.id) });
}
