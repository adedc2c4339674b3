// Tracks that are to be removed, for as long as that can be taken back. What is pending is kept in this
// browser: a page that is closed meanwhile shows it again when it is opened, or removes it where its time
// is over by then. So nothing is lost by a slip, and nothing that was removed comes back.

import { recall, remember } from './preferences.js';

export const undoMs = 8000;
const name = 'removals';

/**
 * Opens what is pending. `remove(key)` removes for ever, `changed(key)` is called when a removal is asked
 * for or taken back, in another tab too. `isHeld(key)` puts off one that somebody is about to take back.
 */
export function openRemovals({ remove, changed, isHeld }) {
  const timers = new Map();

  const wait = (key) => {
    clearTimeout(timers.get(key));
    timers.set(
      key,
      setTimeout(() => finish(key), due(key) - Date.now()),
    );
  };
  const finish = (key) => {
    // Taken back in another tab, perhaps.
    if (due(key) === undefined) return;
    if (isHeld(key))
      return void timers.set(
        key,
        setTimeout(() => finish(key), 1000),
      );
    set(key);
    remove(key);
  };
  const hear = (event) => {
    if (event.key?.endsWith(`.${name}`)) changed();
  };
  addEventListener('storage', hear);

  return {
    isPending: (key) => due(key) !== undefined,
    /** Waits for what an earlier visit has left. */
    takeUp: (keys) => keys.filter((key) => due(key) !== undefined).forEach(wait),
    request(key) {
      set(key, Date.now() + undoMs);
      if (due(key) === undefined) return remove(key);
      wait(key);
      return changed(key);
    },
    undo(key) {
      clearTimeout(timers.get(key));
      set(key);
      changed(key);
    },
    close() {
      removeEventListener('storage', hear);
      timers.forEach(clearTimeout);
    },
  };
}

/** When a removal is due, in epoch milliseconds. */
function due(key) {
  return load()[key];
}

function load() {
  try {
    return Object(JSON.parse(recall(name) ?? '{}'));
  } catch {
    return {};
  }
}

function set(key, at) {
  remember(name, JSON.stringify({ ...load(), [key]: at }));
}
