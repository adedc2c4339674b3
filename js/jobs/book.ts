import { newAsk, report, type Ask } from './ask.js';
import { jobOf } from './job.js';
import { changed, isLater, isSame, merge, readRecord, type Change } from './record.js';
import type { Job, JobRecord, JobStorage } from './types.js';

const nothing = Promise.resolve();

/** A job in this page. */
export interface Entry {
  record: JobRecord;
  job: Job;
  /** When this page itself ordered it to be sent or looked up: by the monotonic clock. */
  addedAt?: number;
  /** The order of this page that made it so, by its number: to send it, or to look it up. */
  ordered?: number;
  /** This page stopped it, and has seen what others did since then. */
  stoppedHere?: boolean;
  saving?: Promise<void> | undefined;
  /** It has changed since that save began. */
  stale?: boolean;
  /** It has been found in the storage. */
  seen?: boolean;
  /** `removed` by somebody; `left` alone, since a later version has written it. */
  gone?: 'removed' | 'left';
}

export type Book = ReturnType<typeof newBook>;

interface BookOptions {
  storage: JobStorage;
  keep: number;
  onStorageError: ((error: unknown) => void) | undefined;
  /** A job is new, has changed, or is gone. */
  react(entry: Entry): void;
}

/** The records in this page, in its storage, and in other pages, brought together. */
export function newBook({ storage, keep, onStorageError = report, react }: BookOptions) {
  const entries = new Map<string, Entry>();
  const removed = new Set<string>();
  const listeners = new Set<(jobs: readonly Job[]) => void>();
  let snapshot: readonly Job[] = Object.freeze([]);

  const tell = (error: unknown) => {
    try {
      onStorageError(error);
    } catch (thrown) {
      report(thrown);
    }
  };
  const ask: Ask = newAsk(tell);

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
    entry.job = jobOf(record);
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
    return ask<void>(
      () => (gone ? storage.remove(record.key) : storage.save(record)),
      // One that was given up may have come after a newer one.
      () => void save(entry),
    ) as Promise<void> | undefined;
  }

  function insert(record: JobRecord): Entry {
    const entry: Entry = { record, job: jobOf(record) };
    entries.set(record.key, entry);
    return entry;
  }

  function drop(entry: Entry, gone: 'removed' | 'left'): void {
    entries.delete(entry.record.key);
    entry.gone = gone;
    if (gone === 'removed') removed.add(entry.record.key);
    notify();
    react(entry);
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
    react(entry);
    if (change.endedAt !== undefined) prune();
    return saved;
  }

  /** Takes in what a storage holds. */
  function adopt(value: unknown): void {
    const { key } = Object(value) as JobRecord;
    const known = entries.get(key);
    if (isLater(value)) return known && drop(known, 'left');
    const record = readRecord(value);
    if (!record) return;
    if (removed.has(key)) return void ask(() => storage.remove(key));
    if (!known) {
      const entry = insert(record);
      entry.seen = true;
      notify();
      return react(entry);
    }
    known.seen = true;
    const merged = merge(known.record, record);
    if (!isSame(merged, known.record)) {
      set(known, merged);
      notify();
      react(known);
    }
    if (!known.saving && !isSame(known.record, record)) void save(known);
  }

  /** Loads all or one, at once where the storage does; what comes late is taken in, too. */
  function load(key?: string): Promise<void> | undefined {
    const known = entries.get(key ?? '');
    const seen = known?.seen;
    const take = (rows: readonly unknown[] | undefined) => {
      rows?.forEach(adopt);
      // Of a removal is heard where the storage can be watched.
      if (seen && rows?.length === 0 && !storage.watch) drop(known, 'removed');
      prune();
    };
    const rows = ask(() => storage.load(key), take);
    if (rows instanceof Promise) return rows.then(take);
    take(rows);
    return undefined;
  }

  function hear(key?: string, record?: unknown): void {
    if (key !== undefined && record !== undefined) return adopt(record);
    if (key === undefined) {
      tell(new Error('another page has cleared the storage'));
      return entries.forEach((entry) => void save(entry));
    }
    const known = entries.get(key);
    // A save of ours may have come after the removal.
    if (known) remove(known);
  }

  return {
    entries,
    ask,
    insert,
    save,
    change,
    remove,
    load,
    notify,
    watch: () => ask(() => storage.watch?.(hear)) as (() => void) | undefined,
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
