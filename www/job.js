// What is known of one generation, and what it allows. Who follows it is told by the classes that
// extend this one: the page itself, or an extension's background.

/**
 * Everything about a job is in its `record`, which is plain JSON: `key`, `request`, `startedAt`,
 * `endedAt`, `generation` (the package's snapshot), `error` (the package's error, as its `toJSON`
 * gives it), and `waveform` once somebody has looked at the track. Store the record at each change,
 * and a reload loses nothing.
 */
export class Job {
  constructor(record) {
    this.record = record;
  }

  /** The record of a request that has not been sent. */
  static record(request) {
    return { key: `${Date.now()}-${Math.random().toString(36).slice(2)}`, request, startedAt: Date.now() };
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

/** The error of a request whose answer nobody was there to hear. */
export function unheard(who) {
  const message = `${who} while the request was under way: the generation may have been created and billed`;
  return { code: 'submit_unknown', message, retryable: false };
}
