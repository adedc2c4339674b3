// A new link to a track's file, by one question about its id. Nothing is sent that could be billed.

import { isStableAudioError } from 'stable-audio-client';

import { sentence } from '../format.js';

/** Asks once, takes the link up, and keeps the file. Resolves to what the card says. */
export async function askForLink({ client, job, archive, file }) {
  try {
    const { audio } = await client.check(job.generation.id);
    if (!audio) return 'The service gave no link: it may not know this track any more, or not be there just now.';
    archive.renew(job, audio);
    await file.read();
    return 'The audio is here.';
  } catch (error) {
    if (!isStableAudioError(error)) throw error;
    return error.code === 'download_failed'
      ? 'The service gave a link, and the file cannot be had there either. Try again later.'
      : `${sentence(error.message.split(';')[0])} Try again later.`;
  }
}
