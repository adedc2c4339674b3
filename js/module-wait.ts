import { own as ownProperty } from './arguments.js';
import { failure } from './error.js';
import type { Loading, PendingCall } from './loading.js';
import { attempt, clearTimeout, now, setTimeout } from './timers.js';
import type { Generation } from './types.js';

/** The longest that `setTimeout` can wait, in milliseconds. */
const maxTimerMs = 0x7fff_ffff;

/**
 * Waits for the module that the caller supplies, unless the caller's signal or the call's deadline comes
 * first. The module has the rules for everything after that; these are for where it never loads.
 */
export function loadedInTime<T>({ own, supplied }: Loading<T>, call?: PendingCall): Promise<T> {
  const signal = ownProperty(call?.options, 'signal') as AbortSignal | undefined;
  const timeoutMs = ownProperty(call?.options, 'timeoutMs');
  return new Promise((resolve, reject) => {
    let timer: unknown;
    const stop = () => {
      clearTimeout(timer);
      attempt(() => signal?.removeEventListener('abort', abort));
    };
    const fail = (code: 'aborted' | 'deadline', message: string, cause?: { cause: unknown }) => {
      stop();
      // A look-up says nothing of the submit that it is about, which may have been billed.
      const cost = call?.method === 'recover' ? 'the submit may have been billed' : 'nothing was spent';
      reject(failure(code, message, { generation: snapshotOf(call), cost, retryable: true, ...cause }));
    };
    const abort = () => fail('aborted', 'aborted', { cause: signal?.reason });
    const defaultMs = call?.method === 'check' ? 30_000 : 600_000;
    const limitMs = typeof timeoutMs === 'number' && timeoutMs > 0 ? timeoutMs : defaultMs;
    if (call && limitMs <= maxTimerMs) {
      attempt(
        () => (timer = setTimeout(() => fail('deadline', 'timeoutMs passed before the module was loaded'), limitMs)),
      );
    }
    // A signal that cannot be listened to is refused by the module.
    attempt(() => (signal?.aborted ? abort() : signal?.addEventListener('abort', abort)));
    // Where both fail, the message of the package's own says what to do.
    const loading = supplied ? Promise.any([own, supplied]).catch(() => own) : own;
    loading.finally(stop).then(resolve, reject);
  });
}

/** The generation that a call is about, as far as that can be told without the module. */
function snapshotOf(call: PendingCall | undefined): Generation | undefined {
  const { method, subject } = call ?? {};
  if (method !== 'check' && method !== 'waitFor') return undefined;
  const polling = { checks: 0, errors: 0, notFound: 0, unknownStatus: 0, missingUrl: 0 };
  const blank = { status: 'queued', submittedAt: now(), polling } as const;
  if (typeof subject === 'string') return { ...blank, id: subject };
  const id = ownProperty(subject, 'id');
  return typeof id === 'string' ? { ...blank, ...(subject as Generation), id } : undefined;
}
