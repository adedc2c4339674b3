/**
 * The platform's timers, looked up at each call: users' fake timers work. They are what the module's
 * glue knows by these names, and cannot throw into the module, which could not go on after that.
 */

/** Calls back at once where no timer can be set; the module takes that for what it is. */
export function setTimeout(callback: () => void, delay: number): unknown {
  try {
    return globalThis.setTimeout(callback, delay);
  } catch {
    callback();
    return undefined;
  }
}

/** A timer that cannot be cleared finds nobody to wake. */
export function clearTimeout(timer: unknown): void {
  try {
    globalThis.clearTimeout(timer as number);
  } catch {
    // As above.
  }
}
