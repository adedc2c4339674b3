// The emulator's endpoints for tests, which this page alone may use: what it has seen, and what goes wrong
// next.

/** Reads and steers the emulator at this URL. */
export function openEmulator(url) {
  const call = async (path, init) => {
    const reply = await fetch(`${url}/__emulator/${path}`, init);
    if (!reply.ok) throw new Error(`the emulator refuses ${path}: ${reply.status}`);
    return reply.json();
  };
  return {
    /** All requests and generations that the emulator has seen. */
    ledger: () => call('ledger'),
    /** Plans faults for the next requests. */
    plan: (plan) =>
      call('plan', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(plan),
      }),
  };
}
