// Where requests go, and the key for that. The key lives until the browser is closed; on this computer
// for longer only if that is asked for. It is never synchronised to other computers.

/** The service itself, which needs a key. */
export const serviceUrl = 'https://api.aimlapi.com';

/** `{ address, key, keep }` as they are now. */
export async function loadSettings() {
  const { address = serviceUrl, key: kept } = await chrome.storage.local.get(['address', 'key']);
  const { key = kept } = await chrome.storage.session.get('key');
  return { address, key, keep: kept !== undefined };
}

/** Stores an address and a key, or forgets the key where there is none. */
export async function saveSettings({ address, key, keep }) {
  const { local, session } = chrome.storage;
  await local.set({ address });
  await local.remove('key');
  await session.remove('key');
  if (key) await (keep ? local : session).set({ key });
}

/** Whether the next request lacks the key that the service itself needs; a proxy may add a key of its own. */
export function isKeyMissing({ address, key }) {
  return !key && address === serviceUrl;
}

/** Whether the user lets the extension reach that address: only then may it send what a page may not. */
export async function hasHostPermission(address) {
  try {
    return await chrome.permissions.contains({ origins: [matchPattern(address)] });
  } catch {
    return false;
  }
}

/** All of an address's host, as the browser's permissions name it. */
export function matchPattern(address) {
  const { protocol, hostname } = new URL(address);
  return `${protocol}//${hostname}/*`;
}
