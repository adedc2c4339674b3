import type { ErrorCode, SerializedError } from '../types.js';

/** What the client rejected with, by its shape; anything else is a client that failed. */
export function readError(thrown: unknown): SerializedError {
  const { code, toJSON } = Object(thrown) as { code?: unknown; toJSON?: () => SerializedError };
  if (typeof code === 'string' && typeof toJSON === 'function') return toJSON.call(thrown);
  return failure('unsupported', String((thrown as Error | undefined)?.message ?? thrown), false);
}

/** Of a job that was not sent, and that nobody was charged for. */
export function notSent(why: string): SerializedError {
  return failure('deadline', `${why}; nothing was spent`, true);
}

/** Of a submit that a look-up could not settle. Whatever that says of itself is said of the look-up. */
export function lost({ code, message, httpStatus }: SerializedError, idempotencyKey: string): SerializedError {
  return {
    ...failure('submit_unknown', `the submit may have been billed: ${message}`, false),
    ...(httpStatus !== undefined && { httpStatus }),
    // A client without `recovery` sent no key.
    ...(code !== 'invalid_argument' && { idempotencyKey }),
  };
}

/** Whether the submit may have been billed. */
export function isUnknown({ code, generation }: SerializedError): boolean {
  return code === 'submit_unknown' || (code === 'bad_reply' && !generation);
}

function failure(code: ErrorCode, message: string, retryable: boolean): SerializedError {
  return { code, message, retryable };
}
