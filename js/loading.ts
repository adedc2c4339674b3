/** Both ways to a module: the package's own, and what the caller supplies, if anything. */
export interface Loading<T> {
  own: Promise<T>;
  supplied: Promise<T> | undefined;
}

/** A call that waits for the module: its method, its first argument, and its options. */
export interface PendingCall {
  method: string;
  subject: unknown;
  options: unknown;
}
