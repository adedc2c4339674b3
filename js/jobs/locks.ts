/** What is used of `navigator.locks`. */
export type Locks = Pick<LockManager, 'request'>;

/** Does the work while it holds the lock of a job. Resolves to false where locks are refused to this page. */
export async function withLock(
  locks: Locks,
  key: string,
  options: LockOptions,
  work: () => Promise<void>,
): Promise<boolean> {
  let answered = false;
  try {
    await locks.request(`stable-audio-jobs/${key}`, options, async (lock) => {
      answered = true;
      if (lock) await work();
    });
    return true;
  } catch {
    // WebKit refuses locks to a page that is being left, and takes back those it has; what follows would run
    // on there, and send. No timer fires in such a page.
    if (!options.signal?.aborted) await new Promise((resolve) => setTimeout(resolve, 0));
    return answered;
  }
}
