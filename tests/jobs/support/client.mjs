// A model of the client and of its service, whose ledger says who was charged. What has left arrives, also
// when the tab that sent it dies.

import { pause } from './disks.mjs';
import { later } from './tabs.mjs';

const url = 'https://files.test/track.wav';
const duration = 40_000;

export class ModelError extends Error {
  constructor(code, fields = {}) {
    super(`${code}, says the model`);
    Object.assign(this, { code, retryable: false, ...fields });
  }

  toJSON() {
    const { code, message, retryable, generation, idempotencyKey, httpStatus } = this;
    return JSON.parse(JSON.stringify({ code, message, retryable, generation, idempotencyKey, httpStatus }));
  }
}

/** The service, and the server half before it. */
export class Service {
  charges = [];
  submits = 0;
  polls = 0;
  all = new Map();
  /** What becomes of the next submits: 'lost' (the reply), a status, 'fails' (the generation). */
  faults = [];
  /** How long a submit has to wait for its turn. */
  turnMs = 0;
  #byKey = new Map();

  constructor({ recovery, delay }) {
    Object.assign(this, { recovery, delay });
  }

  post(key) {
    this.submits++;
    const fault = this.faults.shift();
    if (typeof fault === 'number') return { status: fault };
    const known = this.recovery === 'server' && this.#byKey.get(key);
    if (known) return { id: known.id };
    const made = { id: `g${this.all.size + 1}`, key, at: Date.now(), fails: fault === 'fails' };
    if (!made.fails) this.charges.push(made);
    if (this.recovery) this.#byKey.set(key, made);
    this.all.set(made.id, made);
    return { id: made.id, lost: fault === 'lost' };
  }

  find(key) {
    return this.#byKey.get(key);
  }

  status(id) {
    const { at, fails } = this.all.get(id);
    const age = Date.now() - at;
    return age < duration / 2 ? 'queued' : age < duration ? 'generating' : fails ? 'error' : 'completed';
  }
}

export class ModelClient {
  constructor(tab, service) {
    Object.assign(this, { tab, service });
  }

  async generate(request, options) {
    const generation = await this.submit(request, options);
    await options.onSubmitted?.(generation);
    if (this.tab.dead) await never();
    return (await this.waitFor(generation, options)).url;
  }

  async submit(request, { signal, timeoutMs = 600_000, idempotencyKey, onSubmitting }) {
    const { service, tab } = this;
    const until = Date.now() + timeoutMs;
    if (service.turnMs) await this.#wait(service.turnMs, signal);
    if (!request.prompt.trim()) throw new ModelError('invalid_argument');
    for (;;) {
      if (signal?.aborted) throw new ModelError('aborted');
      try {
        await onSubmitting?.();
      } catch {
        throw new ModelError('callback_failed');
      }
      await tab.step('before a submit leaves');
      if (signal?.aborted) throw new ModelError('aborted');
      const reply = await this.#post(idempotencyKey);
      await tab.step('the reply to a submit');
      if (reply.status === 429) {
        if (Date.now() + 5000 > until) throw new ModelError('rate_limited', { retryable: true });
        await this.#wait(5000, signal);
        continue;
      }
      if (reply.status) throw new ModelError('unauthorized', { httpStatus: reply.status });
      if (!reply.lost) return this.#snapshot(reply.id);
      if (!service.recovery) throw new ModelError('submit_unknown');
      await this.#wait(1000);
      return this.#snapshot(service.find(idempotencyKey).id);
    }
  }

  async recover(idempotencyKey, { signal, submittedAt, timeoutMs = 600_000 } = {}) {
    const { service, tab } = this;
    if (!service.recovery) throw new ModelError('invalid_argument');
    await this.#wait(service.delay(), signal);
    await tab.step('the reply to a look-up');
    const found = service.find(idempotencyKey);
    if (found) return this.#snapshot(found.id);
    if (service.recovery === 'server' && submittedAt !== undefined && !service.forgets) return undefined;
    await this.#wait(timeoutMs, signal);
    throw new ModelError('submit_unknown', { idempotencyKey });
  }

  async check(generation, { signal } = {}) {
    await this.#wait(this.service.delay(), signal);
    await this.tab.step('the reply to a poll');
    this.service.polls++;
    const next = this.#snapshot(generation.id, (generation.polling.checks ?? 0) + 1);
    if (next.status === 'error') throw new ModelError('generation_failed', { generation: next });
    return next;
  }

  async waitFor(generation, { signal, timeoutMs = 600_000, onStatus } = {}) {
    const until = Date.now() + timeoutMs;
    for (let known = generation; ; await this.#wait(10_000, signal)) {
      known = await this.check(known, { signal });
      onStatus?.(known);
      if (known.status === 'completed') return known.audio;
      if (Date.now() >= until) throw new ModelError('deadline', { generation: known });
    }
  }

  /** What has left arrives, whether its tab lives or not. */
  #post(key) {
    const { service, tab } = this;
    if (tab.dead) return never();
    return new Promise((resolve) => {
      later(() => {
        const made = service.post(key);
        tab.point('the arrival of a submit');
        later(() => resolve(made), service.delay());
      }, service.delay());
    });
  }

  #snapshot(id, checks = 0) {
    const status = checks === 0 ? 'queued' : this.service.status(id);
    const final = status === 'completed' || status === 'error';
    return {
      id,
      status,
      submittedAt: this.service.all.get(id).at,
      ...(!final && { nextCheckAt: Date.now() + 10_000 }),
      ...(status === 'completed' && { audio: { url, generationId: id } }),
      polling: { checks, errors: 0, notFound: 0, unknownStatus: 0, missingUrl: 0 },
    };
  }

  async #wait(ms, signal) {
    if (signal?.aborted) throw new ModelError('aborted');
    let abort;
    const aborted = new Promise((_, reject) => {
      abort = () => reject(new ModelError('aborted'));
      signal?.addEventListener('abort', abort);
    });
    await Promise.race([pause(ms), aborted]);
    signal?.removeEventListener('abort', abort);
    if (this.tab.dead) await never();
  }
}

export function never() {
  return new Promise(() => {});
}
