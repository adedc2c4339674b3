// Durable jobs in a page and in an extension, as the compiler sees them.

import { StableAudio, type AudioRequest, type Generation, type SerializedError } from 'stable-audio-client';
import {
  extensionStorage,
  memoryStorage,
  openJobs,
  webStorage,
  type Job,
  type JobPhase,
  type JobRecord,
  type Jobs,
  type JobsOptions,
  type JobStorage,
} from 'stable-audio-client/jobs';
import * as slim from 'stable-audio-client/slim';

/** Whether two types are the same one. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_ extends true>(): void => {};

const client = new StableAudio({ baseUrl: '/api', recovery: 'server' });
export const jobs: Jobs = openJobs({ client });

export const storages: JobStorage[] = [
  webStorage(localStorage),
  webStorage(sessionStorage, 'ada'),
  extensionStorage(chrome.storage.local),
  extensionStorage(chrome.storage.session, 'ada'),
  memoryStorage(),
];

export function options(storage: JobStorage | undefined, name?: string): JobsOptions {
  const undefineds = { keep: undefined, follow: undefined, waitOptions: undefined, onStorageError: undefined };
  openJobs({ client: new slim.StableAudio(), storage, name, ...undefineds });
  return { client, waitOptions: { timeoutMs: 1, pollIntervalMs: 'adaptive' }, onStorageError: (error) => void error };
}

/** An extension's background. */
chrome.alarms.onAlarm.addListener(async () => {
  const next = await jobs.runDue();
  is<Same<typeof next, number | undefined>>();
  if (next !== undefined) await chrome.alarms.create('jobs', { when: next });
});

export async function use(request: string | AudioRequest): Promise<string> {
  // React's useSyncExternalStore, a Svelte store.
  const { subscribe, getSnapshot, getServerSnapshot } = jobs;
  is<Same<ReturnType<typeof getSnapshot>, readonly Job[]>>();
  is<Same<ReturnType<typeof getServerSnapshot>, readonly Job[]>>();
  const off: () => void = subscribe((all) => is<Same<typeof all, readonly Job[]>>());
  const { key } = jobs.add(request, { meta: { color: 'blue' } });
  const job = await jobs.settled(key);
  is<Same<typeof job, Job | undefined>>();
  if (!job) return 'removed';
  is<Same<typeof job.phase, JobPhase>>();
  is<Same<typeof job.meta, unknown>>();
  is<Same<typeof job.generation, Readonly<Generation> | undefined>>();
  is<Same<typeof job.error, Readonly<SerializedError> | undefined>>();
  if (job.canRetry) jobs.retry(key);
  if (job.canResume) jobs.resume(key);
  if (job.canStop) jobs.stop(key);
  off();
  return job.generation?.audio?.url ?? phrase(job.phase);
}

/** Fails to compile when a phase is added that is not handled. */
export function phrase(phase: JobPhase): string {
  switch (phase) {
    case 'submitting':
    case 'queued':
    case 'generating':
    case 'completed':
    case 'failed':
    case 'unknown':
    case 'stopped':
      return phase;
    default:
      return phase satisfies never;
  }
}

/** A storage of one's own, which nobody else writes to. */
export class Table implements JobStorage {
  readonly #rows = new Map<string, JobRecord>();
  async load(key?: string): Promise<JobRecord[]> {
    return [...this.#rows.values()].filter((row) => key === undefined || row.key === key);
  }
  async save(record: JobRecord): Promise<void> {
    this.#rows.set(record.key, record);
  }
  async remove(key: string): Promise<void> {
    this.#rows.delete(key);
  }
}

export function mistakes(job: Job): void {
  // @ts-expect-error: who sends must be said
  openJobs({});
  // @ts-expect-error: an option of another name
  openJobs({ client, store: memoryStorage() });
  // @ts-expect-error: jobs have callbacks and a signal of their own
  openJobs({ client, waitOptions: { signal: new AbortController().signal } });
  // @ts-expect-error: jobs are read
  job.phase = 'completed';
  // @ts-expect-error: the prompt is required
  jobs.add({ steps: 10 });
  // @ts-expect-error: by its key
  jobs.retry(job);
  // @ts-expect-error: a storage keeps what it is given
  openJobs({ client, storage: localStorage });
}
