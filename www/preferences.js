// Small things that the page remembers, such as the volume. Where storage is forbidden or full, it does
// without. Never a key.

const prefix = 'stable-audio.';

/** What was remembered by this name; undefined where nothing was. */
export function recall(name) {
  return attempt(() => localStorage.getItem(prefix + name)) ?? undefined;
}

export function remember(name, text) {
  attempt(() => localStorage.setItem(prefix + name, text));
}

export function forget(name) {
  attempt(() => localStorage.removeItem(prefix + name));
}

function attempt(access) {
  try {
    return access();
  } catch {
    return undefined;
  }
}
