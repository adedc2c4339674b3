import type { AudioRequest } from '../types.js';
import { randomUuid } from '../uuid.js';
import { report } from './errors.js';
import { withLock, type Locks } from './locks.js';
import { memoryStorage } from './memory-storage.js';
import { compact, isFinal, readRequest, sendsUntil } from './record.js';
import { newRun, type Run } from './run.js';
import { newStore, type Entry } from './store.js';
import type { Job, JobRecord, Jobs, JobsOptions, JobStorage } from './types.js';
import { webStorage } from './web-storage.js';

const none: readonly Job[] = Object.freeze([]);
/** Until other pages' storage has caught up with a lock that was handed over. */
const settlingMs = 1000;
/** For a job that a background cannot ask for yet. */
const retryMs = 30_000;

/** Opens the jobs of this page, and takes up what is stored. */
export function openJobs(options: JobsOptions): Jobs {
  const { client, keep = 200, follow = true, maxConcurrent = Infinity, onStorageError } = options;
  const { timeoutMs = 600_000, pollIntervalMs } = options.waitOptions ?? {};
  const storage = options.storage ?? defaultStorage(options);
  const runs = new Map<Entry, Run>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  // Pages without https have none.
  let locks: Locks | undefined = globalThis.navigator?.locks;
  /** To wait for, until all records have been taken in. */
  let opening: unknown = true;
  let closed = false;

  const store = newStore({ storage, keep, onStorageError, onChange });
  const { entries, change } = store;
  const runOptions = { client, waitOptions: { timeoutMs, pollIntervalMs }, store, isClosed: () => closed };

  function onChange(entry: Entry): void {
    const { record } = entry;
    const run = runs.get(entry);
    if (run) return run.onChange();
    if (!follow || closed || entry.gone || record.endedAt !== undefined) return;
    const until = sendsUntil(record, timeoutMs) + 1;
    const isOthers = !locks && entry.ordered !== record.orders && !record.generation;
    if (isOthers && (record.sentAt ? !opening : Date.now() < until)) {
      // Another page may be about to send it, or have sent it: without locks nobody can tell.
      if (!record.sentAt) timers.add(setTimeout(() => onChange(entry), until - Date.now()));
    } else void start(entry, false);
  }

  function start(entry: Entry, once: boolean): Promise<void> {
    const run = newRun(entry, once, runOptions);
    runs.set(entry, run);
    return runLocked(entry, run).then(() => {
      runs.delete(entry);
      onChange(entry);
    });
  }

  async function runLocked(entry: Entry, run: Run): Promise<void> {
    const { once, signal } = run;
    // Until what was changed is saved.
    await Promise.resolve();
    if (!locks) {
      await opening;
      await run.work(once || entry.ordered === entry.record.orders);
      return;
    }
    const held = await withLock(locks, entry.record.key, once ? { ifAvailable: true } : { signal }, async () => {
      // Nobody else sends within a second of an `add`.
      const isFresh = performance.now() - (entry.addedAt ?? -Infinity) < settlingMs / 2;
      await opening;
      await store.load(entry.record.key);
      if (!isFresh && !entry.record.generation && entry.record.endedAt === undefined) {
        await pause(settlingMs, signal);
        await store.load(entry.record.key);
      }
      await run.work(true);
      // Whoever is next sees it.
      await entry.saving;
    });
    if (!held && !signal.aborted) locks = undefined;
  }

  /** What a user has ordered. */
  function order(key: string, permits: 'canStop' | 'canResume' | 'canRetry', fields: (record: JobRecord) => object) {
    const entry = entries.get(key);
    if (!entry?.job[permits]) return;
    const { record } = entry;
    const orders = record.orders + 1;
    if (permits === 'canStop') entry.stoppedHere = !!storage.watch;
    else entry.ordered = orders;
    void change(entry, { orders, ...fields(record) });
  }

  /** Now; a moment later than what was added in the same millisecond. */
  function newestAt(): number {
    const now = Date.now();
    const next = (store.getSnapshot()[0]?.startedAt ?? 0) + 1;
    return next > now + settlingMs ? now : Math.max(now, next);
  }

  const jobs: Jobs = {
    getSnapshot: store.getSnapshot,
    getServerSnapshot: () => none,
    subscribe: store.subscribe,
    add(request: string | AudioRequest, { meta }: { meta?: unknown } = {}) {
      const startedAt = newestAt();
      const copy = meta === undefined ? undefined : store.guard(() => JSON.parse(JSON.stringify(meta)) as unknown);
      const entry = store.insert(
        compact<JobRecord>({
          version: 1,
          key: randomUuid(),
          request: readRequest(request),
          meta: copy,
          phase: 'submitting',
          startedAt,
          orderedAt: startedAt,
          attempt: 1,
          orders: 0,
          changes: 0,
        }),
      );
      if (follow) entry.ordered = 0;
      entry.addedAt = performance.now();
      onChange(entry);
      void store.save(entry);
      store.notify();
      return entry.job;
    },
    async settled(key) {
      await opening;
      return new Promise((resolve) => {
        let off: (() => void) | undefined;
        const look = () => {
          const job = entries.get(key)?.job;
          if (job && job.endedAt === undefined && !closed) return;
          off?.();
          resolve(job);
        };
        off = store.subscribe(look);
        look();
      });
    },
    stop(key) {
      const entry = entries.get(key);
      const isUnsent = entry && runs.get(entry)?.isUnsent();
      // A submit under way is let finish, also one of another page, of which this one may not have heard.
      order(key, 'canStop', ({ generation, sentAt }) => ({
        phase: 'stopped',
        endedAt: generation || isUnsent ? Date.now() : undefined,
        sentAt: sentAt ?? (follow && !isUnsent ? 0 : undefined),
      }));
    },
    resume(key) {
      order(key, 'canResume', ({ generation }) => ({
        phase: generation && !isFinal(generation) ? generation.status : 'submitting',
        endedAt: undefined,
        error: undefined,
        orderedAt: Date.now(),
        neverSend: true,
      }));
    },
    retry(key) {
      order(key, 'canRetry', ({ generation, attempt }) => ({
        phase: 'submitting',
        attempt: generation ? attempt + 1 : attempt,
        generation: undefined,
        endedAt: undefined,
        error: undefined,
        sentAt: undefined,
        neverSend: undefined,
        orderedAt: Date.now(),
      }));
    },
    remove(key) {
      const entry = entries.get(key);
      if (entry) store.remove(entry);
    },
    async runDue() {
      await opening;
      await store.load();
      const unfinished = store.newestFirst().filter(isUnfinished);
      const due = unfinished.filter((entry) => !runs.has(entry) && dueAt(entry) <= Date.now());
      const waiting = new Set(due.filter(isUnsent).slice(0, Math.max(0, unfinished.length - maxConcurrent)));
      if (!closed) await Promise.all(due.filter((entry) => !waiting.has(entry)).map((entry) => start(entry, true)));
      const soonest = Math.min(...store.newestFirst().filter(isUnfinished).map(nextAt));
      return soonest < Infinity ? soonest : undefined;
    },
    close() {
      if (closed) return;
      closed = true;
      unwatch?.();
      timers.forEach(clearTimeout);
      runs.forEach((run) => run.onChange());
      store.notify();
    },
  };

  const unwatch = store.watch();
  opening = store.load()?.then(() => (opening = undefined));
  return jobs;
}

function isUnfinished({ record }: Entry): boolean {
  return record.endedAt === undefined;
}

function isUnsent({ record }: Entry): boolean {
  return record.phase === 'submitting' && record.sentAt === undefined;
}

function dueAt({ record }: Entry): number {
  return record.generation?.nextCheckAt ?? 0;
}

function nextAt(entry: Entry): number {
  const now = Date.now();
  return entry.record.generation ? Math.max(dueAt(entry), now + settlingMs) : now + retryMs;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()));
  });
}

function defaultStorage({ name, onStorageError = report }: JobsOptions): JobStorage {
  try {
    // The page's policy may forbid to look at it.
    if (globalThis.localStorage) return webStorage(globalThis.localStorage, name);
  } catch (error) {
    onStorageError(error);
  }
  return memoryStorage();
}
