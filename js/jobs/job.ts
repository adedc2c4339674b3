import { compact, isFinal } from './record.js';
import type { Job, JobRecord } from './types.js';

/** A record as an app sees it. */
export function toJob(record: JobRecord): Job {
  const { key, request, phase, startedAt, endedAt, meta, generation, error } = record;
  const ended = endedAt !== undefined;
  const free = phase === 'failed' || phase === 'stopped';
  const followed = generation && !isFinal(generation);
  return compact<Job>({
    key,
    request,
    phase,
    startedAt,
    endedAt,
    meta,
    generation,
    error: error && generation ? { ...error, generation } : error,
    canResume: ended && (followed ? free : phase === 'unknown' && error?.idempotencyKey !== undefined),
    canRetry: ended && free && !followed && error?.code !== 'invalid_argument',
    canStop: !ended && phase !== 'stopped',
  });
}
