import type { StableAudio } from '../client.js';
import type { AudioRequest, Generation, SerializedError, WaitOptions } from '../types.js';

/** What jobs are opened with. */
export interface JobsOptions {
  /** Sends and asks. With `recovery` a submit whose outcome was lost is looked up, otherwise it ends as `unknown`. */
  client: Pick<StableAudio, 'generate' | 'submit' | 'check' | 'waitFor' | 'recover'>;
  /**
   * Where records are kept.
   * @defaultValue `webStorage(localStorage, name)`; where there is none, memory
   */
  storage?: JobStorage | undefined;
  /** Of the default storage: give each signed-in user one of their own. */
  name?: string | undefined;
  /**
   * How many finished jobs are kept; unfinished ones always are.
   * @defaultValue 200
   */
  keep?: number | undefined;
  /**
   * How many jobs `runDue` has in progress at once; those that are followed are bounded by the client's own.
   * @defaultValue Infinity
   */
  maxConcurrent?: number | undefined;
  /**
   * Takes up what is stored, and follows it. Without, jobs move by `runDue` alone, of this or of
   * another page.
   * @defaultValue true
   */
  follow?: boolean | undefined;
  /** How long is waited for a job, and how often asked. Nothing is sent later than `timeoutMs` after its order. */
  waitOptions?: Pick<WaitOptions, 'timeoutMs' | 'pollIntervalMs'> | undefined;
  /** Told what a storage meets, which never stops a job. Without it, `reportError` is. */
  onStorageError?: ((error: unknown) => void) | undefined;
}

/** The jobs of a page. Its methods need no `this`. */
export interface Jobs {
  /** The jobs, newest first; the same array until something changes, empty until an async storage has answered. */
  getSnapshot(): readonly Job[];
  /** Always the same empty array. */
  getServerSnapshot(): readonly Job[];
  /** Calls the listener at once, and at each change, until the function that it returns is called. */
  subscribe(listener: (jobs: readonly Job[]) => void): () => void;
  /**
   * Stores a job, then submits and follows it. Never throws for a bad request: that job fails. `meta` is the
   * app's own, plain JSON, and stored with it.
   */
  add(request: string | AudioRequest, options?: { meta?: unknown }): Job;
  /** Resolves when the job has ended, to undefined where it was removed; at the latest when the jobs are closed. */
  settled(key: string): Promise<Job | undefined>;
  /** Stops waiting. A submit under way is let finish, so that its id is not lost. */
  stop(key: string): void;
  /** Waits again, or looks a lost submit up. Never sends. */
  resume(key: string): void;
  /** Submits again; does nothing unless `canRetry`. */
  retry(key: string): void;
  /** Forgets the job for ever. A submit under way is let finish, and its id is lost. */
  remove(key: string): void;
  /**
   * Takes one step of every job that is due, for a background that may die. Resolves to when to call
   * again, in epoch milliseconds, or to undefined where all have ended. Set a periodic alarm before calling it.
   */
  runDue(): Promise<number | undefined>;
  /** Lets a submit finish and stores its outcome, aborts what waits, and lets other pages take over. */
  close(): void;
}

/** How far a job is. `unknown`: it may have been billed, and nobody knows its id. */
export type JobPhase = 'submitting' | 'queued' | 'generating' | 'completed' | 'failed' | 'unknown' | 'stopped';

/** A job: deeply frozen plain data. One that has not changed is the same object. */
export interface Job {
  /** Its name, and the idempotency key of its first submit. */
  readonly key: string;
  readonly request: Readonly<AudioRequest>;
  readonly phase: JobPhase;
  /** When it was added, in epoch milliseconds. */
  readonly startedAt: number;
  /** When it ended, in epoch milliseconds; absent while anything is under way. */
  readonly endedAt?: number;
  /** The app's own. */
  readonly meta?: unknown;
  readonly generation?: Readonly<Generation>;
  readonly error?: Readonly<SerializedError>;
  /** `resume` waits again, or looks the submit up. */
  readonly canResume: boolean;
  /** `retry` submits again: nothing was spent so far. */
  readonly canRetry: boolean;
  readonly canStop: boolean;
}

/** A job as it is stored: plain JSON. Of no interest to an app. */
export interface JobRecord {
  /** Raised with every change of these fields. A later one is left alone. */
  readonly version: 1;
  readonly key: string;
  readonly request: AudioRequest;
  readonly meta?: unknown;
  readonly phase: JobPhase;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** When `add`, `retry` or `resume` was called last. */
  readonly orderedAt: number;
  /** Submits with a key of their own, from 1. */
  readonly attempt: number;
  /** Calls of `stop`, `resume` and `retry`. */
  readonly orders: number;
  /** Changes of any kind. */
  readonly changes: number;
  /**
   * Since when a submit without an answer may have left; 0 where whoever stopped the job could not know of
   * one, absent where none has.
   */
  readonly sentAt?: number;
  /** The order is to find out, not to send. */
  readonly neverSend?: true;
  readonly generation?: Generation;
  readonly error?: SerializedError;
}

/**
 * Where records are kept, at once or asynchronously. Whoever is granted a Web Lock sees every save that
 * had resolved before.
 */
export interface JobStorage {
  /** All records, or the one of that key, as an array. They are checked: they may be of any kind. */
  load(key?: string): readonly unknown[] | PromiseLike<readonly unknown[]>;
  save(record: JobRecord): void | PromiseLike<void>;
  remove(key: string): void | PromiseLike<void>;
  /**
   * Calls `changed` when another page has saved (with key and record), removed (with the key) or
   * cleared (with nothing), until the function that it returns is called. Without it, what others do is seen
   * when a job is taken up and before each save, and a record that was there and is no more was removed.
   */
  watch?: ((changed: (key?: string, record?: unknown) => void) => () => void) | undefined;
}

/** What is used of `localStorage` and `sessionStorage`. */
export interface WebStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

type AreaListener = (changes: { [key: string]: { newValue?: unknown } }) => void;

/** What is used of `chrome.storage.local`. */
export interface ExtensionArea {
  get(keys: string | null): Promise<{ [key: string]: unknown }>;
  set(items: { [key: string]: unknown }): Promise<void>;
  remove(keys: string): Promise<void>;
  readonly onChanged?: { addListener(listener: AreaListener): void; removeListener(listener: AreaListener): void };
}
