// What the browser keeps of finished tracks: their files, and the links that were asked for anew.

import { forget, recall, remember } from '../preferences.js';
import { KeptFiles } from './kept-files.js';

const linkName = ({ generation }) => `link/${generation.id}`;
/** Ids may repeat, as those of an emulator that was started anew do; with a job's key they do not. */
const fileName = ({ key, generation }) => `${key}/${generation.id}`;

export class Archive extends EventTarget {
  #files;
  #problems = new Map();

  constructor(files = new KeptFiles()) {
    super();
    this.#files = files;
  }

  /** A job's file; undefined where it is not kept. */
  find(job) {
    return this.#files.find(fileName(job));
  }

  /**
   * A job's file: what is kept, else what `download` gives, which is kept from then on. One tab at a time
   * reads a file, so that the others find it. Where it cannot be kept, that is told, and harms nothing.
   */
  read(job, download) {
    const name = fileName(job);
    return oneTabAtATime(name, async () => {
      const kept = await this.#files.find(name);
      const blob = kept ?? (await download());
      if (!kept) await this.#keep(job, blob);
      else this.#tell(job, '');
      return blob;
    });
  }

  /** Why a job's file is not kept, in the page's words; empty where it is, undefined while nobody knows. */
  problemOf({ key }) {
    return this.#problems.get(key);
  }

  /** The AudioFile that was asked for anew for a job. */
  renewed(job) {
    try {
      return JSON.parse(recall(linkName(job)) ?? 'null') ?? undefined;
    } catch {
      return undefined;
    }
  }

  renew(job, audio) {
    remember(linkName(job), JSON.stringify(audio));
  }

  /** Forgets all that is kept of a job. */
  forget(job) {
    this.#problems.delete(job.key);
    if (job.generation) forget(linkName(job));
    return this.#files.forget(`${job.key}/`);
  }

  async #keep(job, blob) {
    try {
      await this.#files.keep(fileName(job), blob);
      this.#tell(job, '');
    } catch ({ name, message }) {
      const isFull = name === 'QuotaExceededError' || /storage is too small/.test(message);
      this.#tell(job, isFull ? 'its storage is full' : 'it does not let the page store files');
    }
  }

  #tell(job, problem) {
    this.#problems.set(job.key, problem);
    this.dispatchEvent(new Event(job.key));
  }
}

function oneTabAtATime(name, work) {
  return navigator.locks ? navigator.locks.request(`stable-audio/audio/${name}`, work) : work();
}
