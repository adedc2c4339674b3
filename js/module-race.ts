import type { Loading, PendingCall } from './loading.js';
import { clearTimeout, setTimeout } from './timers.js';

/** How long a source that the caller supplies may take where the package's own module cannot be started. */
const suppliedTimeoutMs = 30_000;

/**
 * Resolves to the module that is loaded first. The package's own takes no time, so that no call has to end
 * before it is there; where both fail, rejects with the failure of the package's own.
 */
export async function firstLoaded<T>({ own, supplied }: Loading<T>, _call?: PendingCall): Promise<T> {
  if (!supplied) return own;
  let timer: unknown;
  const late = own.catch(
    () => new Promise<T>((_, reject) => void (timer = setTimeout(reject as () => void, suppliedTimeoutMs))),
  );
  return Promise.race([Promise.any([own, supplied]), late])
    .catch(() => own)
    .finally(() => clearTimeout(timer));
}
