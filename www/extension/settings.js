// Where requests go, and the key for that. The key lives until the browser is closed; on this
// computer for longer only if that is asked. It is never synchronised to other computers.

import { StableAudio } from 'stable-audio-client';

import { browser } from './browser.js';

/** The service itself, which needs a key. */
export const service = 'https://api.aimlapi.com';

/** `{ address, key, keep }` as they are now. */
export async function settings() {
  const { address = service, key: kept } = await browser.storage.local.get(['address', 'key']);
  const { key = kept } = await browser.storage.session.get('key');
  return { address, key, keep: kept !== undefined };
}

/** Stores an address and a key, or forgets the key where there is none. */
export async function store({ address, key, keep }) {
  const { local, session } = browser.storage;
  await local.set({ address });
  await local.remove('key');
  await session.remove('key');
  if (key) await (keep ? local : session).set({ key });
}

/** Gives clients with the settings of this moment; a proxy may add a key of its own. */
export async function clients() {
  const { address, key } = await settings();
  const needsKey = new URL(address).origin === service;
  const apiKey = () => {
    if (!key) throw new Error('no key has been given');
    return key;
  };
  const keyed = (key || needsKey) && { apiKey };
  const recovery = (await reaches(address)) ? { recovery: 'logs' } : {};
  return (options) => new StableAudio({ baseUrl: address, ...recovery, ...keyed, ...options });
}

/** Whether the user lets the extension reach that address: only then may it send what a page may not. */
async function reaches(address) {
  try {
    return await browser.permissions.contains({ origins: [patternOf(address)] });
  } catch {
    return false;
  }
}

/** All of an address's host, as the browser's permissions name it. */
export function patternOf(address) {
  const { protocol, hostname } = new URL(address);
  return `${protocol}//${hostname}/*`;
}
