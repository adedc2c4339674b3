// A finished track's file: read once for all who need it, and saved.

import { isStableAudioError } from 'stable-audio-client';

import { fileName, megabytes, sentence } from './format.js';

/** Tells by `failed` events that the file could not be had. */
export class TrackFile extends EventTarget {
  #client;
  #job;
  #archive;
  #nameOf;
  #blob;
  #reading;
  #onProgress;

  /**
   * `archive`, where there is one, keeps files in this browser: it finds a job's, or keeps what is fetched.
   * `nameOf` names the file of a job and a media type.
   */
  constructor(client, job, { archive, nameOf = ({ request }, type) => fileName(request, type) } = {}) {
    super();
    this.#client = client;
    this.#job = job;
    this.#archive = archive;
    this.#nameOf = nameOf;
  }

  /** The newest link to the track that is known. */
  get url() {
    return this.#audio.url;
  }

  get #audio() {
    return this.#archive?.renewed(this.#job) ?? this.#job.generation.audio;
  }

  /** The track's Blob if this browser has it, else undefined. Sends nothing. */
  async find() {
    return this.#blob ?? (await this.#archive?.find(this.#job));
  }

  /** The track's Blob. */
  read({ onProgress } = {}) {
    this.#onProgress = onProgress ?? this.#onProgress;
    this.#reading ??= this.#readOnce().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #readOnce() {
    const onProgress = (progress) => this.#onProgress?.(progress);
    const download = () => this.#client.download(this.#audio, { onProgress });
    try {
      this.#blob ??= await (this.#archive ? this.#archive.read(this.#job, download) : download());
      return this.#blob;
    } catch (error) {
      this.dispatchEvent(new Event('failed'));
      throw error;
    }
  }

  /** The name under which the track is saved. */
  nameFor(type) {
    return this.#nameOf(this.#job, type);
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
      save(blob, this.nameFor(blob.type));
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

/** Saves a Blob as a file of this name, as if a link to it had been pressed. */
export function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken the blob by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
