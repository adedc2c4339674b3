import type { JobStorage, WebStorage } from './types.js';

/**
 * Keeps records in `localStorage` or `sessionStorage`, at once; other pages are heard by `storage` events. Browsers
 * write it to disk seconds later: where the browser itself is killed meanwhile, a job of those seconds may be gone, or
 * look as if it had not been sent. With `recovery: 'server'` that is charged once all the same.
 */
export function webStorage(storage: WebStorage, name = 'stable-audio-jobs'): JobStorage {
  const prefix = `${name}/`;
  return {
    load(key) {
      const all = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '');
      const keys = key === undefined ? all.filter((item) => item.startsWith(prefix)) : [prefix + key];
      return keys.map((item) => read(storage.getItem(item))).filter(Boolean);
    },
    save: (record) => storage.setItem(prefix + record.key, JSON.stringify(record)),
    remove: (key) => storage.removeItem(prefix + key),
    watch(changed) {
      const listener = ({ storageArea, key, newValue }: StorageEvent) => {
        if (storageArea !== storage) return;
        if (key === null) changed();
        else if (key.startsWith(prefix))
          changed(key.slice(prefix.length), newValue === null ? undefined : (read(newValue) ?? null));
      };
      globalThis.addEventListener?.('storage', listener);
      return () => globalThis.removeEventListener?.('storage', listener);
    },
  };
}

function read(item: string | null): unknown {
  try {
    return JSON.parse(item ?? 'null');
  } catch {
    return undefined;
  }
}
