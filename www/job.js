// One generation, from the request to its track. Knows the package, and nothing of the page.

import { isStableAudioError } from 'stable-audio-client';

import { pace } from './backend.js';

/**
 * Everything about a job is in its `record`, which is plain JSON: `request`, `startedAt`, `endedAt`,
 * `generation` (the package's snapshot) and `error` (the package's error, as its `toJSON` gives it).
 * Store the record at each change, and a reload loses nothing.
 */
export class Job {
  #client;
  #service;
  #changed;
  #abort;

  constructor(record) {
    this.record = record;
  }

  /** A job for a request that has not been sent. */
  static begin(request) {
    return new Job({ key: `${Date.now()}-${Math.random().toString(36).slice(2)}`, request, startedAt: Date.now() });
  }

  /** Gives the job the client to use, and what to call after each change. */
  connect(client, service, changed) {
    this.#client = client;
    this.#service = service;
    this.#changed = changed;
  }

  /** `sending`, a status of the service, or how it ended: `completed`, `stopped` or `failed`. */
  get phase() {
    const { error, generation } = this.record;
    if (error) return error.code === 'aborted' ? 'stopped' : 'failed';
    return generation?.status ?? 'sending';
  }

  get isUnfinished() {
    return ['sending', 'queued', 'generating'].includes(this.phase);
  }

  /** Can what was accepted be asked for again? It costs nothing. */
  get canResume() {
    const { error, generation } = this.record;
    return Boolean(error && generation && error.code !== 'generation_failed');
  }

  /** Can the request be sent again, without billing anything twice? */
  get canRetry() {
    return Boolean(this.record.error?.retryable) && !this.canResume;
  }

  /** Submits the request and waits. One POST, which may be billed. */
  start() {
    const { key, request } = this.record;
    this.record = { key, request, startedAt: Date.now() };
    return this.#follow((options) => this.#client.generate(request, { ...options, onSubmit: options.onStatus }));
  }

  /** Waits for what was accepted before: in this page, or before it was reloaded. */
  resume() {
    const { generation } = this.record;
    this.#change({ error: undefined, endedAt: undefined });
    return this.#follow((options) => this.#client.waitFor(generation, options));
  }

  /** Takes up a job that was under way when the page was left. */
  resumeIfUnfinished() {
    if (!this.isUnfinished) return;
    if (this.record.generation) return this.resume();
    const message =
      'the page was left while the request was under way: the generation may have been created and billed';
    this.#change({ error: { code: 'submit_unknown', message, retryable: false } });
  }

  /** Stops waiting. What the service has accepted goes on there. */
  cancel() {
    this.#abort?.abort();
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
    }
  }

  #change(fields) {
    this.record = { ...this.record, ...fields };
    this.#changed();
  }
}
