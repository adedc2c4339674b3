/** What is used of `navigator.locks`. */
export type Locks = Pick<LockManager, 'request'>;

/** Does the work while it holds the lock of a job. Resolves to false where locks are refused to this page. */
export async function withLock(
  locks: Locks,
  key: string,
  { signal, ifAvailable }: { signal: AbortSignal; ifAvailable: boolean },
  work: () => Promise<void>,
): Promise<boolean> {
  let answered = false;
  try {
    await locks.request(`stable-audio-jobs/${key}`, ifAvailable ? { ifAvailable } : { signal }, async (lock) => {
      answered = true;
      if (lock) await work();
    });
    return true;
  } catch {
    // WebKit refuses locks to a page that is being left, and takes back those it has; what follows would run
    // on there, and send. No timer fires in such a page.
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 0));
    return answered || signal.aborted;
  }
}
