// Taken before a test replaces it: waiting takes real time.
const { setTimeout } = globalThis;

/** Calls `probe` until it gives something truthy, and resolves to that; rejects after the timeout. */
export async function waitUntil(probe, { timeoutMs = 10_000, intervalMs = 1 } = {}) {
  for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += intervalMs) {
    const found = await probe();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
  throw new Error(`still not true after ${timeoutMs} ms: ${probe}`);
}
