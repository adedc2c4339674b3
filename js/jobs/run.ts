import type { AudioRequest, Generation, SerializedError, WaitOptions } from '../types.js';
import type { Entry, Store } from './store.js';
import { isUnknown, submitUnknown, notSent, readError } from './errors.js';
import { isFinal, sendsUntil, submitKey, type Change } from './record.js';
import type { JobsOptions } from './types.js';

/** Of each request of a background that may die. */
const stepTimeoutMs = 25_000;

export interface RunOptions {
  client: JobsOptions['client'];
  waitOptions: Pick<WaitOptions, 'pollIntervalMs'> & { timeoutMs: number };
  store: Store;
  isClosed(): boolean;
}

export type Run = ReturnType<typeof newRun>;

/** A page's work on one job. `once`: one step, for a background. */
export function newRun(entry: Entry, once: boolean, { client, waitOptions, store, isClosed }: RunOptions) {
  const { timeoutMs } = waitOptions;
  const controller = new AbortController();
  const { signal } = controller;
  const step = { signal, timeoutMs: stepTimeoutMs };
  /** A submit is under way, and may bring an id. */
  let isSubmitting = false;
  /** What is under way can be aborted, and nothing is lost by that. */
  let canAbort = false;
  let halted = false;
  let hasBegun = false;
  /** Whether a submit that may have left may have arrived: nobody has said that it never did. */
  let mayHaveArrived = true;
  /** A submit was kept from leaving. */
  let wasHeldBack = false;

  const { attempt } = entry.record;
  const isSameAttempt = () => !entry.gone && entry.record.attempt === attempt;
  const isUnfinished = () => isSameAttempt() && entry.record.endedAt === undefined;
  const isOpen = () => !isClosed() && isUnfinished();
  const isStopped = () => entry.record.phase === 'stopped';
  const isLate = () => Date.now() > sendsUntil(entry.record, timeoutMs);
  const change = (fields: Change) => store.change(entry, fields);
  const end = (fields: Change) => void change({ endedAt: Date.now(), ...fields });

  function fail(error: SerializedError): void {
    const { generation, ...stored } = error;
    const known = generation ?? entry.record.generation;
    const phase = !known && isUnknown(error) ? 'unknown' : 'failed';
    // What was refused has not left, and may be sent again.
    const sentAt = phase === 'unknown' ? entry.record.sentAt : undefined;
    end({ phase, error: stored, generation: known, sentAt });
  }

  /** What is new of the generation. */
  function onGeneration(generation: Generation): Promise<void> | undefined {
    const { status } = generation;
    if (status === 'error') {
      const message = generation.error ?? 'the generation failed';
      fail({ code: 'generation_failed', message, retryable: false, generation });
      return undefined;
    }
    const isStill = isStopped() && status !== 'completed';
    const ends = isStill || status === 'completed';
    return change({
      generation,
      phase: isStill ? 'stopped' : status,
      endedAt: ends ? Date.now() : undefined,
      error: undefined,
    });
  }

  async function onSubmitting(): Promise<void> {
    isSubmitting = false;
    assertMayLeave();
    await (entry.record.sentAt === undefined ? change({ sentAt: Date.now() }) : store.load(entry.record.key));
    assertMayLeave();
    // Whoever takes it up after a crash would send it again.
    if (entry.storedUnsent) throw new Error('not stored');
    isSubmitting = true;
  }

  function assertMayLeave(): void {
    wasHeldBack = halted || !isOpen() || isStopped() || isLate();
    if (wasHeldBack) throw new Error('not sent');
  }

  async function onSubmitted(generation: Generation): Promise<void> {
    isSubmitting = false;
    const known = entry.record.generation;
    if (isSameAttempt() && !(known && isFinal(known))) await onGeneration(generation);
    if (halted) controller.abort();
  }

  /** Calls the client, and says what came of it; true where there is more to be done. */
  async function call(work: () => Promise<void>): Promise<boolean> {
    canAbort = true;
    try {
      await work();
    } catch (thrown) {
      isSubmitting = false;
      return onError(readError(thrown));
    } finally {
      canAbort = false;
    }
    return false;
  }

  function onError(error: SerializedError): boolean {
    const { code, generation } = error;
    const { record } = entry;
    const isSubmit = !record.generation && !generation;
    const ours = code === 'aborted' || code === 'callback_failed';
    if (!isUnfinished()) return false;
    if (ours && isSubmit && (halted || wasHeldBack)) {
      // It was kept from leaving: by `stop`, by `close`, or because it is too late.
      if (isStopped()) end({ sentAt: undefined });
      else if (!isClosed() && isLate()) fail(notSent());
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

  function send(): Promise<boolean> {
    const request = entry.record.request as AudioRequest;
    const submit = { idempotencyKey: submitKey(entry.record), onSubmitting };
    if (!once) return wait((options) => client.generate(request, { ...options, ...submit, onSubmitted }));
    return call(async () => onSubmitted(await client.submit(request, { ...step, ...submit })));
  }

  function poll(generation: Generation): Promise<boolean> {
    if (!once) return wait(async (options) => (await client.waitFor(generation, options)).url);
    return call(async () => {
      const next = await client.check(generation, step);
      if (isOpen()) void onGeneration(next);
      if (isOpen() && Date.now() > entry.record.orderedAt + timeoutMs) {
        fail({ code: 'deadline', message: 'timeoutMs passed; the generation goes on', retryable: true });
      }
    });
  }

  /** Waits for the end, in one call of the client. */
  function wait(work: (options: WaitOptions) => Promise<string>): Promise<boolean> {
    return call(async () => {
      let last: Generation | undefined;
      const onStatus = (next: Generation) => {
        last = next;
        if (isOpen() && !isFinal(next)) void onGeneration(next);
      };
      const url = await work({ ...waitOptions, signal, onStatus });
      const known = last ?? entry.record.generation;
      if (!isUnfinished() || !known) return;
      const audio = { url, generationId: known.id };
      void onGeneration(isFinal(known) ? known : { ...known, status: 'completed', audio });
    });
  }

  /** Finds out what became of a submit; true where there is more to be done. */
  async function recover(): Promise<boolean> {
    const key = submitKey(entry.record);
    const { sentAt, orderedAt } = entry.record;
    let found: Generation | undefined;
    let error: SerializedError | undefined;
    try {
      found = await client.recover(key, { ...step, ...(!once && { timeoutMs }), submittedAt: sentAt || orderedAt });
    } catch (thrown) {
      error = readError(thrown);
    }
    if (!isUnfinished()) return false;
    if (found) {
      await onGeneration(found);
      return !once;
    }
    if (isClosed()) return false;
    if (error) {
      const again = once && error.code !== 'invalid_argument' && !isLate() && !isStopped();
      if (!again) fail(submitUnknown(error, key));
      return false;
    }
    mayHaveArrived = false;
    return true;
  }

  return {
    once,
    /** Whether it is known here that nothing has left. */
    isUnsent: () => hasBegun && entry.record.sentAt === undefined,
    /** Lets go of what is no longer wanted: `stop` of what waits; `close` and `remove` of all but a submit under way. */
    onChange(): void {
      const leaves = entry.gone || isClosed();
      halted ||= !!leaves || isStopped();
      if (halted && !isSubmitting && (canAbort || leaves)) controller.abort();
    },
    signal,
    /** Does all that is to be done. */
    async work(isFree: boolean): Promise<void> {
      hasBegun = true;
      let goesOn = true;
      while (goesOn && isOpen()) {
        const { generation, sentAt, neverSend } = entry.record;
        if (generation) {
          if (isStopped()) return end({});
          goesOn = await poll(generation);
        } else if (mayHaveArrived && (sentAt || (sentAt === 0 && !entry.stoppedHere))) {
          goesOn = await recover();
        } else if (isStopped()) {
          end({ sentAt: undefined });
        } else if (neverSend || isLate()) {
          fail(notSent());
        } else if (isFree || !mayHaveArrived) {
          // What never arrived has a key that a server knows again.
          mayHaveArrived = true;
          goesOn = await send();
        } else {
          return;
        }
      }
    },
  };
}
