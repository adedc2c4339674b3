import type { Loading } from './arrival.js';
import { own as ownProperty } from './arguments.js';
import { failure } from './error.js';
import { attempt, clearTimeout, now, setTimeout } from './timers.js';
import type { Generation } from './types.js';

/** The longest that `setTimeout` can wait, in milliseconds. */
const longest = 0x7fff_ffff;

/** The call that waits: its method, what it is about, and its options. */
export interface Waiting {
  method: string;
  subject: unknown;
  options: unknown;
}

/**
 * Waits for the module that the caller brings, unless the caller's signal or the end of the call's time
 * comes first. The module has the rules for all that follows; these are for where it does not come.
 */
export function inTime<T>({ own, given }: Loading<T>, waiting?: Waiting): Promise<T> {
  const signal = ownProperty(waiting?.options, 'signal') as AbortSignal | undefined;
  const timeoutMs = ownProperty(waiting?.options, 'timeoutMs');
  return new Promise((resolve, reject) => {
    let timer: unknown;
    const stop = () => {
      clearTimeout(timer);
      attempt(() => signal?.removeEventListener('abort', abort));
    };
    const fail = (code: 'aborted' | 'deadline', what: string, cause?: { cause: unknown }) => {
      stop();
      // A look-up says nothing of the submit that it is about, which may have been billed.
      const cost = waiting?.method === 'recover' ? 'the submit may have been billed' : 'nothing was spent';
      reject(failure(code, what, { generation: known(waiting), cost, retryable: true, ...cause }));
    };
    const abort = () => fail('aborted', 'aborted', { cause: signal?.reason });
    const usual = waiting?.method === 'check' ? 30_000 : 600_000;
    const span = typeof timeoutMs === 'number' && timeoutMs > 0 ? timeoutMs : usual;
    if (waiting && span <= longest) {
      attempt(() => (timer = setTimeout(() => fail('deadline', 'timeoutMs passed before the module came'), span)));
    }
    // A signal that cannot be listened to is refused by the module.
    attempt(() => (signal?.aborted ? abort() : signal?.addEventListener('abort', abort)));
    // Where both fail, it is the package that says what to do.
    const loading = given ? Promise.any([own, given]).catch(() => own) : own;
    loading.finally(stop).then(resolve, reject);
  });
}

/** The generation that a call is about, as far as that can be told without the module. */
function known(waiting: Waiting | undefined): Generation | undefined {
  const { method, subject } = waiting ?? {};
  if (method !== 'check' && method !== 'waitFor') return undefined;
  const polling = { checks: 0, errors: 0, notFound: 0, unknownStatus: 0, missingUrl: 0 };
  const blank = { status: 'queued', submittedAt: now(), polling } as const;
  if (typeof subject === 'string') return { ...blank, id: subject };
  const id = ownProperty(subject, 'id');
  return typeof id === 'string' ? { ...blank, ...(subject as Generation), id } : undefined;
}
