import { StableAudioError } from './error.js';

/** What a load that cannot succeed rejects with. */
export function failure(
  code: 'unsupported' | 'invalid_argument',
  what: string,
  why?: { cause: unknown },
): StableAudioError {
  return new StableAudioError({ code, message: `${what}; nothing was sent`, retryable: false, ...why });
}
