import { failure } from './error.js';
import { attempt, clearTimeout } from './timers.js';
import type { Generation } from './types.js';

/** The longest that `setTimeout` can wait, in milliseconds. */
const longest = 0x7fff_ffff;

/**
 * Waits for the module, unless the caller's signal or the end of the call's time comes first. The
 * module has the rules for all that follows; these are for where it does not come.
 */
export function inTime<T>(
  loading: Promise<T>,
  options: unknown,
  defaultTimeoutMs: number,
  generation: Generation | undefined,
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
      reject(failure(code, what, { generation, cost: 'nothing was spent', retryable: true, ...cause }));
    };
    const abort = () => fail('aborted', 'aborted', { cause: signal?.reason });
    // A signal that cannot be listened to is refused by the module.
    attempt(() => (signal?.aborted ? abort() : signal?.addEventListener('abort', abort)));
    const span = typeof timeoutMs === 'number' && timeoutMs > 0 ? timeoutMs : defaultTimeoutMs;
    if (span <= longest) {
      attempt(() => (timer = setTimeout(() => fail('deadline', 'timeoutMs passed before the module came'), span)));
    }
    loading.finally(stop).then(resolve, reject);
  });
}
