// What the page talks to: the local server says whether it is the emulator or the real service. On a
// static host there is no such server, and the page talks to the service itself, or to a proxy.

/**
 * What `demo.json` says: `{ mode: 'emulator', speed }` and `{ mode: 'service' }` come from the local
 * server, `{ mode: 'direct' }` from the folder of a static host; `{ mode: 'none' }` if nothing does.
 */
export async function loadBackend() {
  try {
    const reply = await fetch('demo.json');
    if (reply.ok) return await reply.json();
  } catch {
    // Said by the description.
  }
  return { mode: 'none' };
}

/** Shows in words what the page talks to, and what that costs. */
export function describeBackend({ mode, speed, host, isConnected }, element) {
  element.dataset.mode = mode;
  element.textContent = {
    emulator:
      'Embedded emulator: it stands in for the service on this machine, with a clock that runs ' +
      `${speed === 1 ? '' : `${speed} times `}as fast. Its credits are not real: no money is spent, and nothing leaves this machine. Its tracks are made by a small synthesizer, not by the model: they show how the page works, not how the service sounds.`,
    service: 'The real service: each generation spends real credits.',
    direct: isConnected
      ? `This page talks to ${host} by itself: each generation may spend real credits.`
      : 'This page has no server of its own: it talks to the service, or to a proxy, by itself.',
    none: 'The local server does not answer. Start it with npm start, and reload this page.',
  }[mode];
}

/**
 * How often a generation is asked for. The service's pace is the package's own matter; the emulator's
 * clock is faster than the world's, so it is asked more often than each documented 10 s: at most once a
 * second.
 */
export function pollIntervalMs({ mode, speed }) {
  return mode === 'emulator' ? Math.max(1000, Math.round(10_000 / speed)) : 'adaptive';
}

/**
 * When a generation is expected to be done, by the world's clock; undefined if nobody knows. The package
 * knows the service's typical time; here it is the service's 40 s at 100 steps, by the emulator's clock.
 */
export function expectedAt(generation, { mode, speed }) {
  if (generation?.expectedAt === undefined || mode !== 'emulator') return generation?.expectedAt;
  return generation.submittedAt + (400 * (generation.request?.steps ?? 100)) / speed;
}
