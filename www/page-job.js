// A job that this page follows. Knows the package, and nothing of what the page shows.

import { isStableAudioError } from 'stable-audio-client';

import { pace } from './backend.js';
import { Job, unheard } from './job.js';

/**
 * Whoever follows a job holds a lock of its name, so that of several tabs one asks and the others
 * look on; when that tab is closed, or crashes, another takes over.
 */
export class PageJob extends Job {
  #client;
  #service;
  #store;
  #changed;
  #abort;
  #isRemoved = false;

  /** Gives the job what it works with, and what to call after each change. */
  connect({ client, service, store, changed }) {
    this.#client = client;
    this.#service = service;
    this.#store = store;
    this.#changed = changed;
  }

  /** Submits the request and waits. One POST, which may be billed. */
  start() {
    return this.#alone(() => {
      const { key, request } = this.record;
      this.record = { key, request, startedAt: Date.now() };
      return this.#follow((options) => this.#client.generate(request, { ...options, onSubmitted: options.onStatus }));
    });
  }

  /** Waits for what was accepted before: in this page, or before it was reloaded. */
  resume() {
    return this.#alone(() => this.#wait());
  }

  /** Takes up a job that was under way when it was stored, once no other tab follows it. */
  takeUp() {
    if (!this.isUnfinished) return undefined;
    return this.#alone(() => {
      // Another tab may have followed it to its end, or removed it.
      const stored = this.#store.find(this.record.key);
      if (!stored || this.#isRemoved) return undefined;
      this.record = stored;
      this.#changed();
      if (!this.isUnfinished) return undefined;
      if (stored.generation) return this.#wait();
      return this.#change({ error: unheard('the page was left') });
    });
  }

  /** Stops waiting. What the service has accepted goes on there. */
  cancel() {
    if (this.#abort) return this.#abort.abort();
    // Another tab follows it, sees what is stored here, and stops.
    const message = 'the wait was stopped; what the service has accepted goes on there';
    return this.#change({ error: { code: 'aborted', message, retryable: false }, endedAt: Date.now() });
  }

  /** Takes what another tab has stored of this job. */
  adopt(record) {
    this.record = record;
    if (!this.isUnfinished) this.#abort?.abort();
    this.#changed();
  }

  /** Keeps what was learnt of the track. */
  keep(waveform) {
    this.#change({ waveform });
  }

  /** Leaves the job: nothing of it is stored from now on. */
  remove() {
    this.#isRemoved = true;
    this.#abort?.abort();
  }

  #wait() {
    const { generation } = this.record;
    this.record = { ...this.record, error: undefined, endedAt: undefined };
    return this.#follow((options) => this.#client.waitFor(generation, options));
  }

  async #follow(call) {
    this.#abort = new AbortController();
    this.#change({});
    try {
      await call({
        signal: this.#abort.signal,
        pollIntervalMs: pace(this.#service),
        // Stored before the first poll, and after every one.
        onStatus: (generation) => this.#change({ generation }),
      });
      this.#change({ endedAt: Date.now() });
    } catch (error) {
      if (!isStableAudioError(error)) throw error;
      const { generation = this.record.generation } = error;
      this.#change({ generation, error: error.toJSON(), endedAt: Date.now() });
    } finally {
      this.#abort = undefined;
    }
  }

  #change(fields) {
    if (this.#isRemoved) return;
    this.record = { ...this.record, ...fields };
    this.#store.save(this.record);
    this.#changed();
  }

  // Where a page may not use locks (over plain http), it goes without.
  #alone(work) {
    return navigator.locks ? navigator.locks.request(`stable-audio/${this.record.key}`, work) : work();
  }
}
