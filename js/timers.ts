/**
 * The platform's timers, looked up at each call, so that users' fake timers work. The module's glue calls
 * them by these names; none of them throws, since an exception would unwind through the module.
 */

/** Calls back at once where no timer can be set; the module detects that. */
export function setTimeout(callback: () => void, delay: number): unknown {
  try {
    // The callback of a timer that could not be cleared throws: its closure is gone.
    return globalThis.setTimeout(() => attempt(callback), delay);
  } catch {
    callback();
    return undefined;
  }
}

export function clearTimeout(timer: unknown): void {
  attempt(() => globalThis.clearTimeout(timer as number));
}

/** Ignores what a replaced timer or a foreign signal throws. */
export function attempt(act: () => unknown): void {
  try {
    act();
  } catch {
    // Ignored.
  }
}

/** The time of day; a replaced clock may throw. */
export function now(): number {
  try {
    return Date.now();
  } catch {
    return 0;
  }
}
