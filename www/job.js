// What is known of one generation, and what it allows. Who follows it is told by the classes that
// extend this one: the page itself, or an extension's background.

/** What costs nothing and can be mended, or try its luck: such a request may be sent again. */
const mendable = new Set(['unauthorized', 'out_of_credits', 'generation_failed']);

/**
 * Everything about a job is in its `record`, which is plain JSON: `key`, `request`, `startedAt`,
 * `idempotencyKey` where it is not `key`, `endedAt`, `generation` (the package's snapshot), `error` (the
 * package's error, as its `toJSON` gives it), `stopping` once it is to be stopped while its request is
 * under way, and `waveform` once somebody has looked at the track. Store the record at each change, and
 * a reload loses nothing.
 */
export class Job {
  constructor(record) {
    this.record = record;
  }

  /** The record of a request that has not been sent. */
  static record(request) {
    return { key: `${Date.now()}-${Math.random().toString(36).slice(2)}`, request, startedAt: Date.now() };
  }

  /** By which its request is known again, whatever became of the answer. */
  get idempotencyKey() {
    return this.record.idempotencyKey ?? this.record.key;
  }

  /** The record of another try. A generation that has failed keeps its idempotency key to itself. */
  get nextTry() {
    const { key, request, error } = this.record;
    const startedAt = Date.now();
    const idempotencyKey = error?.code === 'generation_failed' ? `${key}.${startedAt}` : this.idempotencyKey;
    return { key, request, startedAt, idempotencyKey };
  }

  /** `sending`, `stopping`, a status of the service, or how it ended: `completed`, `stopped`, `failed` or `unknown`. */
  get phase() {
    const { error, generation, stopping } = this.record;
    if (error && this.money === 'perhaps') return 'unknown';
    if (error) return error.code === 'aborted' ? 'stopped' : 'failed';
    return generation?.status ?? (stopping ? 'stopping' : 'sending');
  }

  /** Is there more to come? Of a generation in `error` the package has yet to say what that means. */
  get isUnfinished() {
    return ['sending', 'stopping', 'queued', 'generating', 'error'].includes(this.phase);
  }

  /** What the request has cost: `none`, `perhaps` where nobody knows, or `spent`. */
  get money() {
    const { error, generation } = this.record;
    if (generation) return error?.code === 'generation_failed' || generation.status === 'error' ? 'none' : 'spent';
    if (!error) return 'perhaps';
    const isUnheard = error.code === 'aborted' && !error.retryable;
    return isUnheard || ['submit_unknown', 'bad_reply'].includes(error.code) ? 'perhaps' : 'none';
  }

  /** Can it be stopped? A request under way is let answer, so once is enough. */
  get canStop() {
    return this.isUnfinished && !['stopping', 'error'].includes(this.phase);
  }

  /** Can what was accepted be asked for again? It costs nothing. */
  get canResume() {
    const { error, generation } = this.record;
    return Boolean(error && generation && error.code !== 'generation_failed');
  }

  /** Can the request be sent again, without billing anything twice? */
  get canRetry() {
    const { error } = this.record;
    if (!error || this.canResume || this.money === 'perhaps') return false;
    return error.retryable || mendable.has(error.code);
  }

  /**
   * Per cent of the expected time that has passed, or undefined while nobody knows. The last
   * twentieth is left for what only the service knows.
   */
  progress(expected) {
    if (!this.isUnfinished || expected === undefined) return undefined;
    const since = this.since;
    return Math.min(95, Math.max(0, (100 * (Date.now() - since)) / Math.max(1, expected - since)));
  }

  /** When it began: at the service, if it is there. */
  get since() {
    return this.record.generation?.submittedAt ?? this.record.startedAt;
  }
}

/** The error of a request whose answer nobody was there to hear, because of what is said here. */
export function unheard(because) {
  const message = `${because} while the request was under way: the generation may have been created and billed`;
  return { code: 'submit_unknown', message, because, retryable: false };
}

/** The error of a job that is waited for no longer; what the service has accepted goes on there. */
export const stopped = { code: 'aborted', message: 'the wait was stopped', retryable: false };
