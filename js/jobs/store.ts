import { report } from './errors.js';
import { toJob } from './job.js';
import { changed, isOfLaterVersion, isEqual, merge, readRecord, type Change } from './record.js';
import { newStorageGuard, type Guard } from './storage-guard.js';
import type { Job, JobRecord, JobStorage } from './types.js';

const nothing = Promise.resolve();

/** A job in this page. */
export interface Entry {
  record: JobRecord;
  job: Job;
  /** When this page added it, by the monotonic clock. */
  addedAt?: number;
  /** The number of the order by which this page last had it sent or looked up. */
  ordered?: number;
  /** This page stopped it, and has heard what others did since then. */
  stoppedHere?: boolean;
  saving?: Promise<void> | undefined;
  /** It has changed since that save began. */
  stale?: boolean;
  /** It has been found in the storage. */
  found?: boolean;
  /** The storage holds it as it was before a submit could have left. */
  storedUnsent?: boolean;
  /** `removed` by somebody; `left` alone, since a later version has written it. */
  gone?: 'removed' | 'left';
}

export type Store = ReturnType<typeof newStore>;

interface StoreOptions {
  storage: JobStorage;
  keep: number;
  onStorageError: ((error: unknown) => void) | undefined;
  /** A job is new, has changed, or is gone. */
  onChange(entry: Entry): void;
}

/** The records in this page, in its storage, and in other pages, brought together. */
export function newStore({ storage, keep, onStorageError = report, onChange }: StoreOptions) {
  const entries = new Map<string, Entry>();
  const removed = new Set<string>();
  const listeners = new Set<(jobs: readonly Job[]) => void>();
  let snapshot: readonly Job[] = Object.freeze([]);

  const onError = (error: unknown) => {
    try {
      onStorageError(error);
    } catch (thrown) {
      report(thrown);
    }
  };
  const guard: Guard = newStorageGuard(onError);

  function newestFirst(): Entry[] {
    // oxlint-disable-next-line no-array-sort
    return [...entries.values()].sort(
      ({ job: a }, { job: b }) => b.startedAt - a.startedAt || (a.key < b.key ? 1 : -1),
    );
  }

  function notify(): void {
    snapshot = Object.freeze(newestFirst().map(({ job }) => job));
    for (const listener of listeners) listener(snapshot);
  }

  function set(entry: Entry, record: JobRecord): void {
    entry.record = record;
    entry.job = toJob(record);
  }

  /**
   * Saves or removes; one at a time of one job, the newest last. At once where the storage does. What another
   * page has stored meanwhile is taken in first.
   */
  function save(entry: Entry): Promise<void> | undefined {
    if (entry.saving) {
      entry.stale = true;
      return entry.saving;
    }
    entry.saving = nothing;
    const loaded = entry.record.changes > 0 && !entry.gone ? load(entry.record.key) : undefined;
    const answer = loaded ? loaded.then(() => write(entry)) : write(entry);
    entry.saving = answer?.then(() => {
      entry.saving = undefined;
      return entry.stale ? save(entry) : undefined;
    });
    return entry.saving;
  }

  function write(entry: Entry): Promise<void> | undefined {
    const { record, gone } = entry;
    entry.stale = false;
    if (gone === 'left') return undefined;
    const written = () => void (entry.storedUnsent = record.sentAt === undefined);
    return guard<void>(
      () => {
        if (gone) return storage.remove(record.key);
        const answer = storage.save(record);
        return answer ? answer.then(written) : written();
      },
      // One that was given up may have come after a newer one.
      () => void save(entry),
    ) as Promise<void> | undefined;
  }

  function insert(record: JobRecord): Entry {
    const entry: Entry = { record, job: toJob(record) };
    entries.set(record.key, entry);
    return entry;
  }

  function drop(entry: Entry, gone: 'removed' | 'left'): void {
    entries.delete(entry.record.key);
    entry.gone = gone;
    if (gone === 'removed') removed.add(entry.record.key);
    notify();
    onChange(entry);
  }

  /** Forgets for ever. */
  function remove(entry: Entry): void {
    drop(entry, 'removed');
    void save(entry);
  }

  function prune(): void {
    const ended = newestFirst().filter(({ record }) => record.endedAt !== undefined);
    ended.slice(keep).forEach(remove);
  }

  /** Changes a job, here and in the storage; the promise is that of the storage. */
  function change(entry: Entry, change: Change): Promise<void> | undefined {
    set(entry, changed(entry.record, change));
    const saved = save(entry);
    notify();
    onChange(entry);
    if (change.endedAt !== undefined) prune();
    return saved;
  }

  /** Takes in what a storage holds. */
  function takeIn(value: unknown): void {
    const { key } = Object(value) as JobRecord;
    const known = entries.get(key);
    if (isOfLaterVersion(value)) return known && drop(known, 'left');
    const record = readRecord(value);
    if (!record) return;
    if (removed.has(key)) return void guard(() => storage.remove(key));
    if (!known) {
      const entry = insert(record);
      entry.found = true;
      notify();
      return onChange(entry);
    }
    known.found = true;
    known.storedUnsent = record.sentAt === undefined;
    const merged = merge(known.record, record);
    if (!isEqual(merged, known.record)) {
      set(known, merged);
      notify();
      onChange(known);
    }
    if (!known.saving && !isEqual(known.record, record)) void save(known);
  }

  /** Loads all or one, at once where the storage does; what comes late is taken in, too. */
  function load(key?: string): Promise<void> | undefined {
    const known = entries.get(key ?? '');
    const found = known?.found;
    const take = (rows: readonly unknown[] | undefined) => {
      rows?.forEach(takeIn);
      // Of a removal is heard where the storage can be watched.
      if (found && rows?.length === 0 && !storage.watch) drop(known, 'removed');
      prune();
    };
    const rows = guard(() => storage.load(key), take);
    if (rows instanceof Promise) return rows.then(take);
    take(rows);
    return undefined;
  }

  function onStorageChange(key?: string, record?: unknown): void {
    if (key !== undefined && record !== undefined) return takeIn(record);
    if (key === undefined) {
      onError(new Error('another page has cleared the storage'));
      return entries.forEach((entry) => void save(entry));
    }
    const known = entries.get(key);
    // A save of ours may have come after the removal.
    if (known) remove(known);
  }

  return {
    entries,
    guard,
    insert,
    save,
    change,
    remove,
    load,
    notify,
    watch: () => guard(() => storage.watch?.(onStorageChange)) as (() => void) | undefined,
    newestFirst,
    getSnapshot: () => snapshot,
    subscribe(listener: (jobs: readonly Job[]) => void): () => void {
      // Its own, so that one that subscribes twice is called twice.
      const own = (jobs: readonly Job[]) => {
        try {
          listener(jobs);
        } catch (error) {
          report(error);
        }
      };
      listeners.add(own);
      own(snapshot);
      return () => void listeners.delete(own);
    },
  };
}
