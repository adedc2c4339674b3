// A server's project: Node's types and no browser's.

import { StableAudio, generateAudio, isStableAudioError, ready } from 'stable-audio-client';

export async function serve(prompt: string): Promise<string> {
  await ready();
  try {
    return await generateAudio(prompt, { apiKey: () => 'key', signal: new AbortController().signal });
  } catch (error) {
    if (isStableAudioError(error) && error.generation) {
      const { url } = await new StableAudio().waitFor(error.generation);
      return url;
    }
    throw error;
  }
}
