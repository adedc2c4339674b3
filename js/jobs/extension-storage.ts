import type { ExtensionArea, JobStorage } from './types.js';

/** Keeps records in an extension's storage, such as `chrome.storage.local`. */
export function extensionStorage(area: ExtensionArea, name = 'stable-audio-jobs'): JobStorage {
  const prefix = `${name}/`;
  const { onChanged } = area;
  return {
    async load(key) {
      const found = Object.entries(await area.get(key === undefined ? null : prefix + key));
      return found.filter(([item]) => item.startsWith(prefix)).map(([, record]) => record);
    },
    save: (record) => area.set({ [prefix + record.key]: record }),
    remove: (key) => area.remove(prefix + key),
    watch:
      onChanged &&
      ((changed) => {
        const listener = (changes: { [key: string]: { newValue?: unknown } }) => {
          for (const [item, { newValue }] of Object.entries(changes)) {
            if (item.startsWith(prefix)) changed(item.slice(prefix.length), newValue);
          }
        };
        onChanged.addListener(listener);
        return () => onChanged.removeListener(listener);
      }),
  };
}
