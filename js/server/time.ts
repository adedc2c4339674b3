/** Milliseconds of a second. */
export const SECOND = 1000;
/** Milliseconds for which an outcome is kept. */
export const DAY = 86_400 * SECOND;

/** Settles as the work does, or rejects once `ms` have passed. */
export function within<T>(ms: number, work: T | PromiseLike<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timed out')), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Resolves after `ms`. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** For a promise whose failure changes nothing. */
export function ignore(): void {}
