import { setTimeout } from './timers.js';
import type { Waiting } from './waiting.js';

/** How long a source that the caller brings may take where the package's own module cannot be started. */
const longestMs = 30_000;

/** Both ways to a module: the package's own, and what the caller brings, if anything. */
export interface Loading<T> {
  own: Promise<T>;
  given: Promise<T> | undefined;
}

/**
 * The module that is there first. The package's own takes no time; where it fails, that is what is said. A call
 * that waits needs no limit, nor its signal: the module has both.
 */
export async function soonest<T>({ own, given }: Loading<T>, _waiting?: Partial<Waiting>): Promise<T> {
  if (!given) return own;
  const late = own.catch(() => new Promise<T>((_, reject) => void setTimeout(reject as () => void, longestMs)));
  return Promise.race([Promise.any([own, given]), late]).catch(() => own);
}
