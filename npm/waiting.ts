import type { Loading } from './arrival.js';
import { failure } from './error.js';
import { attempt, clearTimeout, setTimeout } from './timers.js';
import type { Generation } from './types.js';

/** The longest that `setTimeout` can wait, in milliseconds. */
const longest = 0x7fff_ffff;

/** The call that waits: its options, the time that it has by default, and what it is about. */
export interface Waiting {
  options: unknown;
  defaultTimeoutMs: number;
  subject: unknown;
}

/**
 * Waits for the module that the caller brings, unless the caller's signal or the end of the call's time
 * comes first. The module has the rules for all that follows; these are for where it does not come.
 */
export function inTime<T>(
  { own, given }: Loading<T>,
  { options, defaultTimeoutMs = Infinity, subject }: Partial<Waiting> = {},
): Promise<T> {
  const { signal, timeoutMs } = Object(options) as { signal?: AbortSignal; timeoutMs?: unknown };
  return new Promise((resolve, reject) => {
    let timer: unknown;
    const stop = () => {
      clearTimeout(timer);
      attempt(() => signal?.removeEventListener('abort', abort));
    };
    const fail = (code: 'aborted' | 'deadline', what: string, cause?: { cause: unknown }) => {
      stop();
      const generation = known(subject);
      reject(failure(code, what, { generation, cost: 'nothing was spent', retryable: true, ...cause }));
    };
    const abort = () => fail('aborted', 'aborted', { cause: signal?.reason });
    // A signal that cannot be listened to is refused by the module.
    attempt(() => (signal?.aborted ? abort() : signal?.addEventListener('abort', abort)));
    const span = typeof timeoutMs === 'number' && timeoutMs > 0 ? timeoutMs : defaultTimeoutMs;
    if (span <= longest) {
      attempt(() => (timer = setTimeout(() => fail('deadline', 'timeoutMs passed before the module came'), span)));
    }
    // Where both fail, it is the package that says what to do.
    const loading = given ? Promise.any([own, given]).catch(() => own) : own;
    loading.finally(stop).then(resolve, reject);
  });
}

/** The generation that a call is about, as far as that can be told without the module. */
function known(subject: unknown): Generation | undefined {
  const polling = { checks: 0, errors: 0, notFound: 0, unknownStatus: 0, missingUrl: 0 };
  const { id = subject, ...more } = Object(subject) as Partial<Generation>;
  return typeof id === 'string' ? { status: 'queued', submittedAt: Date.now(), polling, ...more, id } : undefined;
}
