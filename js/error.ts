import { copyArgument } from './arguments.js';
import type { ErrorCode, Generation, SerializedError } from './types.js';

const brand = Symbol.for('stable-audio-client.error');

/** What an error is made from. */
interface ErrorData extends SerializedError {
  cause?: unknown;
}

/** What every call rejects with. Carries no key. */
export class StableAudioError extends Error {
  /** `'AbortError'` exactly when `code` is `'aborted'`. */
  override readonly name: 'StableAudioError' | 'AbortError';
  /** Why the call failed. */
  readonly code: ErrorCode;
  /** On every error once the generation's id is known: hand it to `waitFor` to resume. */
  declare readonly generation?: Generation;
  /** The HTTP status of the reply that decided, if one did. */
  declare readonly httpStatus?: number;
  /** The service's name for the request: quote it to the service's support. */
  declare readonly requestId?: string;
  /** Where the submit's outcome is unknown and a key was sent: hand it to `recover`. */
  declare readonly idempotencyKey?: string;
  /** The very call that rejected can be repeated: it cannot bill twice, and may succeed. */
  readonly retryable: boolean;
  /** `signal.reason`, the fetch's TypeError, what a callback threw: the very value. */
  declare readonly cause?: unknown;

  private constructor(data: ErrorData) {
    super(data.message, 'cause' in data ? { cause: data.cause } : undefined);
    this.name = data.code === 'aborted' ? 'AbortError' : 'StableAudioError';
    this.code = data.code;
    this.retryable = data.retryable;
    Object.assign(this, optionalFields(data));
    Object.defineProperty(this, brand, { value: true });
  }

  /** @internal */
  static of(data: ErrorData): StableAudioError {
    return new StableAudioError(data);
  }

  /** Plain data that crosses workers and storage. The cause stays behind: it may be anything. */
  toJSON(): SerializedError {
    const { code, message, retryable } = this;
    return { code, message, retryable, ...optionalFields(this) };
  }

  /** Makes an error again from what `toJSON` gave, and something like it from anything else. */
  static fromJSON(data: unknown): StableAudioError {
    const { code, message, generation, retryable, ...more } = propertiesOf(data);
    return new StableAudioError({
      ...optionalFields({
        ...more,
        generation: typeof propertiesOf(generation).id === 'string' ? generation : undefined,
      }),
      code: typeof code === 'string' ? (code as ErrorCode) : 'unsupported',
      message: typeof message === 'string' ? message : 'an error that cannot be read',
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

/** Whether the module rejected with it; anything else is a trap. */
export function isRejection(reason: unknown): reason is ErrorData {
  return Object.hasOwn(Object(reason), 'retryable');
}

/** The optional fields of an error, and their types. */
const optionalTypes = {
  generation: 'object',
  httpStatus: 'number',
  requestId: 'string',
  idempotencyKey: 'string',
} as const;
type OptionalFields = Pick<SerializedError, keyof typeof optionalTypes>;

/** Of the optional fields, those that are there and of the right type. */
function optionalFields(data: { [Name in keyof OptionalFields]?: unknown }): OptionalFields {
  const names = Object.keys(optionalTypes) as (keyof OptionalFields)[];
  return Object.fromEntries(
    names.filter((name) => typeof data[name] === optionalTypes[name]).map((name) => [name, data[name]]),
  );
}

interface FailureDetails {
  generation?: Generation | undefined;
  idempotencyKey?: string | undefined;
  /** What it cost where there is no generation. */
  cost?: string;
  retryable?: boolean;
  cause?: unknown;
}

/** An error that is raised outside the module: before it is loaded, or after it trapped. */
export function failure(
  code: 'unsupported' | 'invalid_argument' | 'deadline' | 'aborted',
  message: string,
  { generation, idempotencyKey, cost = 'nothing was sent', retryable = false, ...cause }: FailureDetails = {},
): StableAudioError {
  const money = generation ? 'the generation itself may go on at the service: resume it with waitFor' : cost;
  return StableAudioError.of({
    code,
    message: `${message}; ${money}`,
    retryable,
    ...cause,
    ...optionalFields({ generation, idempotencyKey }),
  });
}

/** The properties of anything. */
function propertiesOf(value: unknown): Record<string, unknown> {
  try {
    const taken = copyArgument(isStableAudioError(value) ? value.toJSON() : value);
    if (typeof taken === 'object' && taken) return taken as Record<string, unknown>;
  } catch {
    // Nothing can be read of it.
  }
  return Object.create(null);
}
