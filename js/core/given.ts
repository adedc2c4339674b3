import { failure } from '../error.js';

export { inTime as arrival } from '../waiting.js';

/** Nothing: the caller brings the module. */
export function core(): never {
  throw failure('invalid_argument', 'stable-audio-client/slim needs ready(source) before the first call');
}
