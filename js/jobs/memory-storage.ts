import type { JobStorage } from './types.js';

/** Keeps records as long as the page lives; whoever opens jobs with the same one hears of changes. */
export function memoryStorage(): JobStorage {
  const records = new Map<string, unknown>();
  const watchers = new Set<(key: string, record?: unknown) => void>();
  const tell = (key: string) => watchers.forEach((changed) => changed(key, records.get(key)));
  return {
    load: (key) => (key === undefined ? [...records.values()] : [records.get(key)].filter(Boolean)),
    save(record) {
      records.set(record.key, record);
      tell(record.key);
    },
    remove(key) {
      if (records.delete(key)) tell(key);
    },
    watch(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
  };
}
