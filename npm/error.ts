import type { ErrorCode, Generation } from './types.js';

const brand = Symbol.for('stable-audio-client.error');

/** What an error is made of; also what crosses workers and storage. */
export interface ErrorData {
  code: ErrorCode;
  message: string;
  retryable: boolean;
  generation?: Generation;
  httpStatus?: number;
  requestId?: string;
  cause?: unknown;
}

/** What every call rejects with. Carries no key. */
export class StableAudioError extends Error {
  /** `'AbortError'` exactly when `code` is `'aborted'`. */
  override readonly name: 'StableAudioError' | 'AbortError';
  /** Why the call failed. */
  readonly code: ErrorCode;
  /** On every error once the job's id is known: hand it to `waitFor` to resume. */
  declare readonly generation?: Generation;
  /** The HTTP status of the reply that decided, if one did. */
  declare readonly httpStatus?: number;
  /** The service's name for the request: quote it to the service's support. */
  declare readonly requestId?: string;
  /** The very call that rejected can be repeated: it cannot bill twice, and may succeed. */
  readonly retryable: boolean;
  /** `signal.reason`, the fetch's TypeError, what a callback threw: the very value. */
  declare readonly cause?: unknown;

  /** @internal */
  constructor(data: ErrorData) {
    super(data.message, 'cause' in data ? { cause: data.cause } : undefined);
    this.name = data.code === 'aborted' ? 'AbortError' : 'StableAudioError';
    this.code = data.code;
    this.retryable = data.retryable;
    if (data.generation) this.generation = data.generation;
    if (data.httpStatus !== undefined) this.httpStatus = data.httpStatus;
    if (data.requestId !== undefined) this.requestId = data.requestId;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Plain data that crosses workers and storage. The cause stays behind: it may be anything. */
  toJSON(): object {
    const { code, message, generation, httpStatus, requestId, retryable } = this;
    return { code, message, generation, httpStatus, requestId, retryable };
  }

  /** Makes an error again from what `toJSON` gave. */
  static fromJSON(data: unknown): StableAudioError {
    const { code, message, generation, httpStatus, requestId, retryable } = Object(data);
    return new StableAudioError({
      code,
      message: String(message),
      generation,
      httpStatus,
      requestId,
      retryable: retryable === true,
    });
  }
}

/** Whether the value is a {@link StableAudioError}, also one of another realm or bundle. */
export function isStableAudioError(value: unknown): value is StableAudioError {
  try {
    return Object(value)[brand] === true;
  } catch {
    return false;
  }
}
