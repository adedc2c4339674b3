import type { AudioRequest, Generation, SerializedError } from '../types.js';
import type { Book, Entry } from './book.js';
import { isUnknown, lost, notSent, readError } from './errors.js';
import { isFinal, submitKey, type Change } from './record.js';
import type { JobsOptions } from './types.js';

const day = 86_400_000;
/** Of each request of a background that may die. */
const stepTimeoutMs = 25_000;

export interface RunOptions {
  client: JobsOptions['client'];
  waitOptions: NonNullable<JobsOptions['waitOptions']>;
  book: Book;
  isClosed(): boolean;
}

export type Run = ReturnType<typeof newRun>;

/** Until when a job may be sent: by itself it is not sent a day later. */
export function sendsUntil({ record }: Entry, { timeoutMs }: RunOptions['waitOptions']): number {
  return record.orderedAt + Math.min(timeoutMs ?? 600_000, day);
}

/** A page's work on one job. `once`: one step, for a background. */
export function newRun(entry: Entry, once: boolean, { client, waitOptions, book, isClosed }: RunOptions) {
  const { signal, ...controller } = newController();
  /** A submit is under way, and may bring an id. */
  let submits = false;
  /** Nothing is lost where this is stopped. */
  let waits = false;
  let halted = false;
  /** A submit was kept from leaving. */
  let refused = false;

  const isOpen = () => !isClosed() && !entry.gone && entry.record.endedAt === undefined;
  const isStopped = () => entry.record.phase === 'stopped';
  const isLate = () => Date.now() > sendsUntil(entry, waitOptions);
  const change = (fields: Change) => book.change(entry, fields);
  const end = (fields: Change) => void change({ endedAt: Date.now(), ...fields });

  function fail(error: SerializedError): void {
    const { generation, ...stored } = error;
    const known = generation ?? entry.record.generation;
    const phase = !known && isUnknown(error) ? 'unknown' : 'failed';
    // What was refused has not left, and may be sent again.
    const sentAt = phase === 'unknown' ? entry.record.sentAt : undefined;
    end({ phase, error: stored, generation: known, sentAt });
  }

  /** A job that is free to be sent again, and is not. */
  function endUnsent(why: string): void {
    if (isStopped()) end({ sentAt: undefined });
    else fail(notSent(why));
  }

  /** What is new of the generation. */
  function follow(generation: Generation): Promise<void> | undefined {
    if (generation.status === 'completed') {
      end({ generation, phase: 'completed', error: undefined });
    } else if (generation.status === 'error') {
      const message = generation.error ?? 'the generation failed';
      fail({ code: 'generation_failed', message, retryable: false, generation });
    } else if (isStopped()) {
      return change({ generation, endedAt: Date.now() });
    } else {
      return change({ generation, phase: generation.status, endedAt: undefined, error: undefined });
    }
    return undefined;
  }

  async function onSubmitting(): Promise<void> {
    submits = false;
    refuse();
    if (entry.record.sentAt === undefined) await change({ sentAt: Date.now() });
    refuse();
    submits = true;
  }

  function refuse(): void {
    refused = halted || !isOpen() || isStopped() || isLate();
    if (refused) throw new Error('not sent');
  }

  async function onSubmitted(generation: Generation): Promise<void> {
    submits = false;
    const { record, gone } = entry;
    if (!gone && !(record.generation && isFinal(record.generation))) await follow(generation);
    if (halted) controller.abort();
  }

  /** Calls the client, and says what came of it; true where there is more to be done. */
  async function call(work: () => Promise<boolean>): Promise<boolean> {
    try {
      return await work();
    } catch (thrown) {
      submits = false;
      return onError(readError(thrown));
    } finally {
      waits = false;
    }
  }

  function onError(error: SerializedError): boolean {
    const { code, generation } = error;
    const { record } = entry;
    const isSubmit = !record.generation && !generation;
    const ours = code === 'aborted' || code === 'callback_failed';
    if (entry.gone || record.endedAt !== undefined) return false;
    if (ours && isSubmit && (halted || refused)) {
      // It was kept from leaving: by `stop`, by `close`, or because it is too late.
      if (isStopped()) end({ sentAt: undefined });
      else if (!isClosed() && isLate()) fail(notSent('timeoutMs passed'));
      else void change({ sentAt: undefined });
      return false;
    }
    if (ours && (halted || isClosed())) return false;
    if (code === 'unsupported' && isSubmit && record.sentAt !== undefined) {
      // The client itself failed, perhaps after the submit had left.
      void change({ neverSend: true });
      return true;
    }
    const again = ['rate_limited', 'offline', 'deadline'].includes(code) || (isUnknown(error) && error.idempotencyKey);
    if (once && isSubmit && again && !isLate() && !isStopped()) {
      if (!isUnknown(error)) void change({ sentAt: undefined });
      return false;
    }
    if (once && code === 'deadline') return false;
    if (isStopped() && isSubmit && !isUnknown(error)) end({ sentAt: undefined });
    else fail(error);
    return false;
  }

  const request = () => entry.record.request as AudioRequest;

  function send(): Promise<boolean> {
    const idempotencyKey = submitKey(entry.record);
    if (once) {
      return call(async () => {
        const options = { signal, timeoutMs: stepTimeoutMs, idempotencyKey, onSubmitting };
        await onSubmitted(await client.submit(request(), options));
        return false;
      });
    }
    return call(async () => {
      waits = true;
      let last: Generation | undefined;
      const onStatus = (generation: Generation) => {
        last = generation;
        if (isOpen() && !isFinal(generation)) void follow(generation);
      };
      const options = { ...waitOptions, signal, idempotencyKey, onSubmitting, onSubmitted, onStatus };
      const url = await client.generate(request(), options);
      complete(last, url);
      return false;
    });
  }

  function complete(last: Generation | undefined, url: string): void {
    const { generation } = entry.record;
    const known = last ?? generation;
    if (!known || entry.gone || entry.record.endedAt !== undefined) return;
    const audio = { url, generationId: known.id };
    void follow(isFinal(known) ? known : { ...known, status: 'completed', audio });
  }

  function poll(generation: Generation): Promise<boolean> {
    return call(async () => {
      waits = true;
      if (once) {
        const next = await client.check(generation, { signal, timeoutMs: stepTimeoutMs });
        if (!isOpen()) return false;
        void follow(next);
        const until = entry.record.orderedAt + (waitOptions.timeoutMs ?? 600_000);
        if (isOpen() && Date.now() > until) {
          const message = 'timeoutMs passed; the generation goes on at the service, and can be resumed';
          fail({ code: 'deadline', message, retryable: true });
        }
        return false;
      }
      let last = generation;
      const onStatus = (next: Generation) => {
        last = next;
        if (isOpen() && !isFinal(next)) void follow(next);
      };
      const { url } = await client.waitFor(generation, { ...waitOptions, signal, onStatus });
      complete(last, url);
      return false;
    });
  }

  /** Resolves to true where the submit never arrived, and may be sent. */
  async function lookUp(): Promise<boolean | 'found'> {
    const key = submitKey(entry.record);
    const { timeoutMs } = once ? { timeoutMs: stepTimeoutMs } : waitOptions;
    try {
      const found = await client.recover(key, { signal, timeoutMs, submittedAt: entry.record.sentAt });
      if (entry.gone || entry.record.endedAt !== undefined) return false;
      if (found) {
        await follow(found);
        return 'found';
      }
      if (isClosed()) return false;
      if (!isStopped() && !entry.record.neverSend && !isLate()) return true;
      endUnsent('the submit never arrived');
    } catch (thrown) {
      const error = readError(thrown);
      if (entry.gone || isClosed() || entry.record.endedAt !== undefined) return false;
      if (once && error.code !== 'invalid_argument' && !isLate() && !isStopped()) return false;
      fail(lost(error, key));
    }
    return false;
  }

  return {
    once,
    /** `stop` lets go of what waits; `close` and `remove` of all but a submit under way. */
    halt(why: 'stop' | 'leave'): void {
      halted = true;
      if (!submits && (waits || why === 'leave')) controller.abort();
    },
    /** Another page may have changed a record of which it did not know yet that the submit is under way. */
    keepMark(): void {
      const { sentAt, generation } = entry.record;
      if (!submits || entry.gone || sentAt !== undefined || generation) return;
      void change({ sentAt: Date.now(), ...(isStopped() && { endedAt: undefined }) });
    },
    signal,
    /** Does all that is to be done. */
    async work(isFree: boolean): Promise<void> {
      let never = false;
      while (isOpen()) {
        const { generation, sentAt, neverSend } = entry.record;
        if (generation) {
          if (isStopped()) return end({});
          if (await poll(generation)) continue;
          return;
        }
        if (sentAt !== undefined && !never) {
          const found = await lookUp();
          if (found === false || (found === 'found' && once)) return;
          never = found === true;
          continue;
        }
        if (isStopped() || neverSend || isLate()) return endUnsent('timeoutMs passed');
        // What never arrived has a key that a server knows again.
        if (!isFree && !never) return;
        never = false;
        if (!(await send())) return;
      }
    },
  };
}

function newController() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
