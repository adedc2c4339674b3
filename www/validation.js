// What the package would refuse, asked without sending anything. The package alone knows whether a value
// is wrong; its messages are for programmers, so the page says it in its own words, by the field.

import { StableAudio, isStableAudioError } from 'stable-audio-client';

/** Whether the package refuses a request, or where it would go. */
async function isRefused(request, options) {
  try {
    await new StableAudio({ ...options, fetch: refuse }).submit(request);
  } catch (error) {
    return isStableAudioError(error) && error.code === 'invalid_argument';
  }
  return false;
}

// An origin of its own does not wait where the service asked others to.
const nowhere = { baseUrl: 'https://dry-run.localhost' };

/** What is wrong with a prompt; undefined where nothing is. */
export async function mistakeInPrompt(prompt) {
  if (!(await isRefused(prompt, nowhere))) return undefined;
  return prompt.trim()
    ? 'The prompt holds half a character, of an emoji perhaps'
    : 'The prompt is empty: what should it sound like?';
}

/** What is wrong with a figure of a request; undefined where nothing is. */
export async function mistakeInFigure(name, value, { label, min, max }) {
  if (!(await isRefused({ prompt: '…', [name]: value }, nowhere))) return undefined;
  return `${label} must be a whole number from ${min} to ${max}`;
}

/** What is wrong with an address and a key for it, and in which field; undefined where nothing is. */
export async function mistakeInConnection({ address, key }) {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const options = { baseUrl: address, ...(key && { apiKey: key }) };
  if (url && !(await isRefused('…', options))) return undefined;
  const isKeyWrong = url && key && (await isRefused('…', { ...nowhere, apiKey: key }));
  if (isKeyWrong) return { field: 'key', text: 'A key has no spaces, line breaks or special letters.' };
  if (!/^https?:$/.test(url?.protocol)) return { field: 'address', text: 'The address must begin with https://.' };
  if (url.username || url.password) {
    return { field: 'address', text: 'The address must not hold a name or a password.' };
  }
  if (/[?#]/.test(address)) return { field: 'address', text: 'The address must not go on after a ? or a #.' };
  if (key)
    return { field: 'address', text: 'A key is sent to an https address alone: plain http can be read on its way.' };
  return { field: 'key', text: 'The service needs a key. Leave it empty only where the address is a proxy’s.' };
}

function refuse() {
  return Promise.reject(new Error('a dry run'));
}
