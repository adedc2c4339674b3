const longest = 10_000;

/** Asks a storage: gives what that gives, at once where it does so; undefined where it fails or hangs. */
export type Ask = <T>(
  call: () => T | PromiseLike<T>,
  late?: (value: T | undefined) => void,
) => T | undefined | Promise<T | undefined>;

/** One that tells of failures, and waits for no more than 10 s; for nothing, once a storage has not answered. */
export function newAsk(tell: (error: unknown) => void): Ask {
  let hangs = false;
  return (call, late) => {
    try {
      const result = call();
      if (!isPromise(result)) return result;
      return new Promise((resolve) => {
        let waits = true;
        const giveUp = () => {
          waits = false;
          if (!hangs) tell(new Error('the storage does not answer'));
          hangs = true;
          resolve(undefined);
        };
        const timer = setTimeout(giveUp, hangs ? 0 : longest);
        result.then(undefined, tell as () => undefined).then((value) => {
          hangs = false;
          clearTimeout(timer);
          if (waits) resolve(value);
          else late?.(value);
        });
      });
    } catch (error) {
      tell(error);
      return undefined;
    }
  };
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | undefined)?.then === 'function';
}

/** Reports what nobody asked for. */
export function report(error: unknown): void {
  (globalThis.reportError ?? console.error)(error);
}
