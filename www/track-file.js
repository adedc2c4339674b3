// A finished track's file: read once for all who need it, and saved.

import { isStableAudioError } from 'stable-audio-client';

import { fileName, megabytes, sentence } from './format.js';

export class TrackFile {
  #client;
  #job;
  #blob;

  constructor(client, job) {
    this.#client = client;
    this.#job = job;
  }

  /** The track's Blob. */
  async read(options) {
    this.#blob ??= await this.#client.download(this.#job.generation.audio, options);
    return this.#blob;
  }

  /** Saves the track, and shows on `button` how far that is. Resolves to what went wrong, if anything did. */
  async save(button) {
    button.ariaBusy = 'true';
    try {
      const blob = await this.read({
        onProgress({ loaded, total }) {
          button.textContent = total ? `${Math.floor((100 * loaded) / total)} %` : megabytes(loaded);
        },
      });
      save(blob, fileName(this.#job.request, blob.type));
      return '';
    } catch (error) {
      if (!isStableAudioError(error)) throw error;
      // The rest of the message says what the card says.
      return `${sentence(error.message.split(';')[0])} Download it again soon: its URL may expire.`;
    } finally {
      button.ariaBusy = 'false';
      button.textContent = 'Download';
    }
  }
}

function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken the blob by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
