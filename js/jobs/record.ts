import type { AudioRequest, Generation } from '../types.js';
import type { JobRecord } from './types.js';

const day = 86_400_000;
const unfinished = new Set(['submitting', 'queued', 'generating', 'stopped']);
const phases = new Set([...unfinished, 'completed', 'failed', 'unknown']);
const statuses = new Set(['queued', 'generating', 'completed', 'error']);

/** What replaces fields of a record; undefined takes one away. */
export type Change = { [Name in keyof JobRecord]?: JobRecord[Name] | undefined };

/** The record with these changes, frozen to its depth. */
export function changed(record: JobRecord, change: Change): JobRecord {
  return compact<JobRecord>({ ...record, changes: record.changes + 1, ...change });
}

/** The fields that have a value, frozen to their depth. */
export function compact<T extends object>(fields: { [Name in keyof T]: T[Name] | undefined }): T {
  return freeze(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))) as T;
}

export function freeze<T>(value: T): T {
  if (!Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value as object).forEach(freeze);
  }
  return value;
}

/** Until when a job may be sent: by itself it is not sent a day later. */
export function sendsUntil({ orderedAt }: JobRecord, timeoutMs: number): number {
  return orderedAt + Math.min(timeoutMs, day);
}

/** The submit's idempotency key. */
export function submitKey({ key, attempt }: JobRecord): string {
  return attempt > 1 ? `${key}.${attempt}` : key;
}

/** A request as it is stored; one that makes no sense is one that the client refuses. */
export function readRequest(given: string | AudioRequest): AudioRequest {
  try {
    const request = typeof given === 'string' ? { prompt: given } : { ...given };
    if (typeof request.prompt === 'string') return request;
  } catch {
    // One of its getters threw.
  }
  return { prompt: '' };
}

export function isFinal(generation: Generation): boolean {
  return generation.status === 'completed' || generation.status === 'error';
}

/** Whether it was written by a later version of this package, and so is none of our business. */
export function isOfLaterVersion(value: unknown): boolean {
  return Number((value as JobRecord | undefined)?.version) > 1;
}

/** What was stored, if it is a record that makes sense: a hand may have edited it. */
export function readRecord(value: unknown): JobRecord | undefined {
  const record = Object(value) as JobRecord;
  const { key, request, phase, startedAt, endedAt = 0, orderedAt, sentAt = 0, generation, error } = record;
  const numbers = [startedAt, endedAt, orderedAt, sentAt, record.attempt, record.orders, record.changes];
  const ended = !unfinished.has(phase);
  const right =
    record.version === 1 &&
    typeof key === 'string' &&
    /^[\w.:-]+$/.test(key) &&
    typeof request?.prompt === 'string' &&
    phases.has(phase) &&
    numbers.every(Number.isFinite) &&
    (!ended || endedAt > 0) &&
    (error === undefined || (typeof error?.code === 'string' && typeof error.message === 'string')) &&
    (generation === undefined ? phase !== 'queued' && phase !== 'generating' : isGeneration(generation)) &&
    (phase === 'completed') === (generation?.status === 'completed') &&
    (generation?.status !== 'error' || phase === 'failed');
  return right ? freeze(record) : undefined;
}

function isGeneration(generation: Generation): boolean {
  const { id, status, audio } = Object(generation) as Generation;
  const url = status === 'completed' ? audio?.url : 'https:';
  return typeof id === 'string' && statuses.has(status) && typeof url === 'string' && /^https?:/i.test(url);
}

/** Whether two records say the same; storages may change the order of fields. */
export function isEqual(a: JobRecord, b: JobRecord): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

/**
 * Of two records of a job the one that all pages agree on: with the higher attempt, then more orders, then
 * more changes. Within an attempt the generation that knows more is kept.
 */
export function merge(a: JobRecord, b: JobRecord): JobRecord {
  const [winner, loser] = higherFirst(a, b, ({ attempt, orders, changes }) => [attempt, orders, changes]);
  const known = loser.generation;
  const isStopping = winner.phase === 'stopped' && winner.endedAt === undefined && winner.attempt === loser.attempt;
  if (isStopping && !winner.sentAt && loser.sentAt) {
    // Who stopped it had not heard that it may have left.
    return merge(changed(winner, { changes: winner.changes, sentAt: loser.sentAt }), loser);
  }
  if (winner.attempt !== loser.attempt || !known || knowsMore(winner.generation, known)) return winner;
  const { phase, endedAt, error } = loser;
  if (isFinal(known)) return changed(winner, { changes: winner.changes, generation: known, phase, endedAt, error });
  const isOpen = winner.generation
    ? winner.phase === 'queued' || winner.phase === 'generating'
    : winner.phase !== 'stopped';
  const goesOn: Change = isOpen ? { phase: known.status as 'queued', endedAt: undefined, error: undefined } : {};
  return changed(winner, { changes: winner.changes, generation: known, ...goesOn });
}

/** Whether `a` knows at least as much as `b`. */
function knowsMore(a: Generation | undefined, b: Generation): boolean {
  return !!a && higherFirst(a, b, (one) => [Number(isFinal(one)), Number(one.polling?.checks) || 0])[0] === a;
}

/** The two, the higher one first; where numbers do not tell, their text does. */
function higherFirst<T>(a: T, b: T, rank: (value: T) => number[]): [T, T] {
  const others = rank(b);
  const difference = rank(a)
    .map((number, index) => number - (others[index] ?? 0))
    .find(Boolean);
  return (difference ?? (canonicalJson(a) >= canonicalJson(b) ? 1 : -1)) > 0 ? [a, b] : [b, a];
}

/** As JSON, the same for each order of fields. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) => {
    if (Object(field) !== field) return field;
    // oxlint-disable-next-line no-array-sort
    return Object.fromEntries(Object.entries(field as object).sort());
  });
}
