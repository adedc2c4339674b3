import type { ErrorCode, SerializedError } from '../types.js';
import { compact } from './record.js';

/** What the client rejected with, by its shape; anything else is a client that failed. */
export function readError(thrown: unknown): SerializedError {
  const { code, toJSON } = Object(thrown) as { code?: unknown; toJSON?: () => SerializedError };
  if (typeof code === 'string' && typeof toJSON === 'function') return toJSON.call(thrown);
  return failure('unsupported', String((thrown as Error | undefined)?.message ?? thrown), false);
}

/** Of a job that was not sent, and that nobody was charged for. */
export function notSent(): SerializedError {
  return failure('deadline', 'it was not sent in time; nothing was spent', true);
}

/** Of a submit that a look-up could not settle. Whatever that says of itself is said of the look-up. */
export function submitUnknown({ code, message, httpStatus }: SerializedError, key: string): SerializedError {
  return compact<SerializedError>({
    ...failure('submit_unknown', `the submit may have been billed: ${message}`, false),
    httpStatus,
    // A client without `recovery` sent no key.
    idempotencyKey: code === 'invalid_argument' ? undefined : key,
  });
}

/** Whether the submit may have been billed. */
export function isUnknown({ code, generation }: SerializedError): boolean {
  return code === 'submit_unknown' || (code === 'bad_reply' && !generation);
}

/** Reports what the app has no listener for. */
export function report(error: unknown): void {
  (globalThis.reportError ?? console.error)(error);
}

function failure(code: ErrorCode, message: string, retryable: boolean): SerializedError {
  return { code, message, retryable };
}
