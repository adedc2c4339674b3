/**
 * The platform's timers, looked up at each call: users' fake timers work. They are what the module's
 * glue knows by these names, and cannot throw into the module, which could not go on after that.
 */

/** Calls back at once where no timer can be set; the module takes that for what it is. */
export function setTimeout(callback: () => void, delay: number): unknown {
  try {
    // One that could not be cleared finds nobody to wake, and says so by throwing.
    return globalThis.setTimeout(() => attempt(callback), delay);
  } catch {
    callback();
    return undefined;
  }
}

export function clearTimeout(timer: unknown): void {
  attempt(() => globalThis.clearTimeout(timer as number));
}

/** What a replaced timer or a foreign signal throws changes nothing. */
export function attempt(act: () => unknown): void {
  try {
    act();
  } catch {
    // As above.
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
