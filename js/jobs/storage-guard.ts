const timeoutMs = 10_000;

/** Calls a storage: gives what that gives, at once where it does so; undefined where it fails or hangs. */
export type Guard = <T>(
  call: () => T | PromiseLike<T>,
  late?: (value: T | undefined) => void,
) => T | undefined | Promise<T | undefined>;

/** Reports failures, and waits for no more than 10 s; for nothing, once a storage has not answered. */
export function newStorageGuard(onError: (error: unknown) => void): Guard {
  let hangs = false;
  return (call, late) => {
    try {
      const result = call();
      if (!isPromise(result)) return result;
      return new Promise((resolve) => {
        let isWaiting = true;
        const giveUp = () => {
          isWaiting = false;
          if (!hangs) onError(new Error('the storage does not answer'));
          hangs = true;
          resolve(undefined);
        };
        const timer = setTimeout(giveUp, hangs ? 0 : timeoutMs);
        result.then(undefined, onError as () => undefined).then((value) => {
          hangs = false;
          clearTimeout(timer);
          if (isWaiting) resolve(value);
          else late?.(value);
        });
      });
    } catch (error) {
      onError(error);
      return undefined;
    }
  };
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | undefined)?.then === 'function';
}
