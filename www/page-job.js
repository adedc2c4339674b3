// A job that this page follows. Knows the package, and nothing of what the page shows.

import { isStableAudioError } from 'stable-audio-client';

import { pace } from './backend.js';
import { Job, stopped, unheard } from './job.js';
import { asUnknown, notSent, submit } from './submit.js';

/**
 * Whoever follows a job holds a lock of its name, so that of several tabs one asks and the others
 * look on; when that tab is closed, or crashes, another takes over.
 */
export class PageJob extends Job {
  #openClient;
  #client;
  #service;
  #store;
  #changed;
  #abort;
  #isAtWork = false;
  #isRemoved = false;

  /** Gives the job what it works with, and what to call after each change. */
  connect({ openClient, service, store, changed }) {
    this.#openClient = openClient;
    this.#client = openClient();
    this.#service = service;
    this.#store = store;
    this.#changed = changed;
  }

  /** Is this page waiting for the answer to a request, which would be lost with it? */
  get isSending() {
    return Boolean(this.#abort) && !this.record.generation;
  }

  /** Submits the request and waits. One POST, which may be billed. */
  start() {
    return this.#alone(() => this.#submit());
  }

  /** Submits it again, where that cannot bill it twice. */
  retry() {
    return this.#alone(() => {
      // Another tab may have done so meanwhile.
      const stored = this.#store.find(this.record.key);
      if (stored?.startedAt > this.record.startedAt) this.adopt(stored);
      return this.canRetry ? this.#submit() : undefined;
    });
  }

  /** Waits for what was accepted before: in this page, or before it was reloaded. */
  resume() {
    return this.#alone(() => (this.canResume ? this.#wait() : undefined));
  }

  /** Takes up a job that was under way when it was stored, once no other tab follows it. */
  takeUp() {
    if (!this.isUnfinished) return undefined;
    return this.#alone(async () => {
      if (this.#isOver()) return undefined;
      // Chromium hands over a lock before it shows what the tab that held it has stored.
      if (!this.record.generation) await new Promise((resolve) => setTimeout(resolve, 1000));
      if (this.#isOver()) return undefined;
      return this.record.generation ? this.#wait() : this.#recover();
    });
  }

  /** Stops waiting. What the service has accepted goes on there; a request under way is let answer first. */
  cancel() {
    this.#abort?.abort();
    if (!this.#abort) this.record = this.#store.find(this.record.key) ?? this.record;
    // Where another tab follows it, that one sees what is stored here, and stops.
    if (!this.record.generation) this.#change({ stopping: true });
    else if (!this.#abort) this.#change({ error: stopped, endedAt: Date.now() });
  }

  /** Takes what another tab has stored of this job. */
  adopt(record) {
    if (record.startedAt < this.record.startedAt) return;
    const isSameTry = record.startedAt === this.record.startedAt;
    // That tab may have stored it before it saw what this one had learnt.
    this.record = isSameTry ? { ...record, generation: record.generation ?? this.record.generation } : record;
    if (record.stopping || !this.isUnfinished) this.#abort?.abort();
    this.#changed();
    // Stands by, should that tab be closed.
    if (navigator.locks) this.takeUp();
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

  /** Reads what is stored: another tab may have followed the job to its end, or removed it. */
  #isOver() {
    const stored = this.#store.find(this.record.key);
    if (!stored || this.#isRemoved) return true;
    this.record = stored;
    this.#changed();
    return !this.isUnfinished;
  }

  #submit() {
    this.record = this.nextTry;
    return this.#follow(async (signal) => {
      const generation = await submit(this.#openClient, this.record.request, this.idempotencyKey, signal);
      await this.#accepted(generation, signal);
    });
  }

  /** Finds out what became of a request whose answer nobody was there to hear. */
  #recover() {
    // The service itself cannot be asked by a page.
    if (this.#service.mode === 'direct') return this.#change({ error: unheard('the page was left') });
    return this.#follow(async (signal) => {
      const { startedAt: submittedAt, stopping } = this.record;
      const generation = await this.#client.recover(this.idempotencyKey, { submittedAt }).catch((error) => {
        // Whatever ends the look-up, the request may have been billed.
        if (!isStableAudioError(error) || error.generation) throw error;
        throw asUnknown(error);
      });
      if (!generation) throw notSent('the page was left');
      if (stopping) this.#abort.abort();
      await this.#accepted(generation, signal);
    });
  }

  async #accepted(generation, signal) {
    const isFinal = ['completed', 'error'].includes(generation.status);
    // Stored before the first poll.
    if (isFinal || !signal.aborted) this.#change({ generation });
    await this.#client.waitFor(generation, isFinal ? {} : this.#waiting(signal));
  }

  #wait() {
    const { generation } = this.record;
    this.record = { ...this.record, error: undefined, endedAt: undefined, stopping: undefined };
    return this.#follow((signal) => this.#client.waitFor(generation, this.#waiting(signal)));
  }

  #waiting(signal) {
    // Stored after every poll.
    return { signal, pollIntervalMs: pace(this.#service), onStatus: (generation) => this.#change({ generation }) };
  }

  async #follow(call) {
    this.#abort = new AbortController();
    this.#change({});
    try {
      await call(this.#abort.signal);
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

  /**
   * Does one thing at a time with the job, in all tabs; what is asked for meanwhile in this one is
   * the same thing once more, and is not done. Where a page may not use locks (over plain http), it
   * goes without.
   */
  async #alone(work) {
    if (this.#isAtWork) return;
    this.#isAtWork = true;
    try {
      await (navigator.locks ? navigator.locks.request(`stable-audio/${this.record.key}`, work) : work());
    } finally {
      this.#isAtWork = false;
    }
  }
}
