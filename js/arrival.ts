import { clearTimeout, setTimeout } from './timers.js';
import type { Waiting } from './waiting.js';

/** How long a source that the caller brings may take where the package's own module cannot be started. */
const longestMs = 30_000;

/** Both ways to a module: the package's own, and what the caller brings, if anything. */
export interface Loading<T> {
  own: Promise<T>;
  given: Promise<T> | undefined;
}

/**
 * The module that is there first. The package's own takes no time, so that no call has to be ended before
 * it is there; where it fails, that is what is said.
 */
export async function soonest<T>({ own, given }: Loading<T>, _waiting?: Waiting): Promise<T> {
  if (!given) return own;
  let timer: unknown;
  const late = own.catch(
    () => new Promise<T>((_, reject) => void (timer = setTimeout(reject as () => void, longestMs))),
  );
  return Promise.race([Promise.any([own, given]), late])
    .catch(() => own)
    .finally(() => clearTimeout(timer));
}
