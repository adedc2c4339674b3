// The jobs' records in the extension's storage, each under a key of its own.

import { browser } from './browser.js';

const prefix = 'track/';
const { local } = browser.storage;

// One change at a time: each is made to what the one before has left.
let changing = Promise.resolve();

export const records = {
  /** All records, the oldest first. */
  async all() {
    const stored = Object.entries(await local.get(null)).filter(([key]) => key.startsWith(prefix));
    return stored.map(([, record]) => record).toSorted((a, b) => a.startedAt - b.startedAt);
  },

  async find(key) {
    return (await local.get(prefix + key))[prefix + key];
  },

  save: (record) => inTurn(() => local.set({ [prefix + record.key]: record })),

  /** Saves what `change` makes of a record; nothing where it has been removed, or where it makes nothing. */
  update: (key, change) =>
    inTurn(async () => {
      const record = await records.find(key);
      const changed = record && change(record);
      if (changed) await local.set({ [prefix + key]: changed });
    }),

  remove: (keys) => inTurn(() => local.remove(keys.map((key) => prefix + key))),

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

function inTurn(work) {
  const done = changing.then(work);
  changing = done.catch(() => {});
  return done;
}
