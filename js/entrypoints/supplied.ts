import { failure } from '../error.js';

export { loadedInTime as whenLoaded } from '../module-wait.js';

/** There is none in this entry point: the caller supplies the module. */
export function core(): never {
  throw failure('invalid_argument', 'stable-audio-client/slim needs ready(source) before the first call');
}
