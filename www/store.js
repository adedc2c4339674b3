// Jobs in this browser's storage, each under a key of its own, so that two tabs do not overwrite
// each other's. Those of the emulator and of the service are kept apart.

/** Opens the jobs of one backend. Where storage is forbidden or full, the page works without. */
export function openStore(mode) {
  const prefix = `stable-audio/${mode}/`;
  return {
    /** All jobs, the oldest first. */
    load() {
      const records = attempt(() => {
        const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
        return keys.map((key) => parse(localStorage.getItem(key))).filter(Boolean);
      });
      return (records ?? []).toSorted((a, b) => a.startedAt - b.startedAt);
    },
    find: (key) => attempt(() => parse(localStorage.getItem(prefix + key))),
    save: (record) => attempt(() => localStorage.setItem(prefix + record.key, JSON.stringify(record))),
    remove: ({ key }) => attempt(() => localStorage.removeItem(prefix + key)),

    /** Calls `changed(key, record)` for what other tabs store, without a record for what they remove. */
    watch(changed, signal) {
      const listen = ({ key, newValue }) => {
        if (key?.startsWith(prefix)) changed(key.slice(prefix.length), parse(newValue));
      };
      addEventListener('storage', listen, { signal });
    },
  };
}

/** A small thing that the page remembers; undefined if it does not. */
export function recall(name) {
  return attempt(() => localStorage.getItem(`stable-audio.${name}`)) ?? undefined;
}

/** Remembers a small thing, which is never a key. */
export function remember(name, text) {
  attempt(() => localStorage.setItem(`stable-audio.${name}`, text));
}

function attempt(work) {
  try {
    return work();
  } catch (error) {
    console.warn('this browser stores nothing for this page: a reload loses what is under way', error);
    return undefined;
  }
}

function parse(text) {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}
