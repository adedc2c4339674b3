// The jobs' records in the extension's storage, each under a key of its own.

import { browser } from './browser.js';

const prefix = 'track/';
const { local } = browser.storage;

export const records = {
  /** All records, the oldest first. */
  async all() {
    const stored = Object.entries(await local.get(null)).filter(([key]) => key.startsWith(prefix));
    return stored.map(([, record]) => record).toSorted((a, b) => a.startedAt - b.startedAt);
  },

  async find(key) {
    return (await local.get(prefix + key))[prefix + key];
  },

  save: (record) => local.set({ [prefix + record.key]: record }),

  remove: (keys) => local.remove(keys.map((key) => prefix + key)),

  /** Calls `changed(key, record)` after each change, without a record for one that was removed. */
  watch(changed) {
    browser.storage.onChanged.addListener((changes, area) => {
      if (area !== 'local') return;
      for (const [key, { newValue }] of Object.entries(changes)) {
        if (key.startsWith(prefix)) changed(key.slice(prefix.length), newValue);
      }
    });
  },
};
