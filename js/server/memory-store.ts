import type { MemoryStoreOptions, Store } from './types.js';

const maxEntries = 100_000;

/**
 * Keeps outcomes in this process alone: enough for one process that is seldom restarted. A restart
 * forgets, after which an unknown outcome stays unknown. Beyond 100,000 outcomes a day the oldest
 * are dropped.
 */
export function memoryStore({ onlyProcess }: MemoryStoreOptions = {}): Store {
  const entries = new Map<string, { value: string; until: number }>();
  // Some runtimes have no clock before the first request.
  let since: number | undefined;

  const get = (key: string) => {
    const entry = entries.get(key);
    return entry && entry.until > now() ? entry.value : undefined;
  };
  const set = (key: string, value: string, ttlMs: number) => {
    for (const [oldest, { until }] of entries) {
      if (until > now()) {
        if (entries.size < maxEntries) break;
        since = now();
      }
      entries.delete(oldest);
    }
    entries.set(key, { value, until: now() + ttlMs });
  };
  return {
    async claim(key, value, ttlMs) {
      since ??= now();
      const held = get(key);
      if (held === undefined) set(key, value, ttlMs);
      return held;
    },
    async get(key) {
      return get(key);
    },
    async set(key, value, ttlMs) {
      set(key, value, ttlMs);
    },
    async delete(key) {
      entries.delete(key);
    },
    reach() {
      since ??= now();
      return onlyProcess ? now() - since : 0;
    },
  };
}

/** Not the wall clock, which may jump: a reach that is too long pays twice. */
function now(): number {
  return performance.now();
}
