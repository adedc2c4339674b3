// What the package would say against a request, asked without anything being sent.

import { StableAudio, isStableAudioError } from 'stable-audio-client';

/** What is wrong with a request, or with where it would go; undefined where nothing is. */
export async function mistakeIn(request, options) {
  try {
    await new StableAudio({ ...options, fetch: refuse }).submit(request);
  } catch (error) {
    // Nothing was going to be sent yet, so that part of the message would puzzle.
    if (isStableAudioError(error) && error.code === 'invalid_argument') {
      return error.message.replace(/; nothing was sent$/, '');
    }
  }
  return undefined;
}

/** What is wrong with an address and a key for it. */
export async function mistakeInConnection({ address: baseUrl, key: apiKey }) {
  if (!URL.canParse(baseUrl)) return 'the address is no URL';
  return mistakeIn('…', { baseUrl, ...(apiKey && { apiKey }) });
}

function refuse() {
  return Promise.reject(new Error('a rehearsal'));
}
