/**
 * The same client without the module in it: `ready(source)` comes first.
 * @packageDocumentation
 */

import { ready as anySource } from '../ready.js';
import type { ModuleSource } from '../types.js';

export { StableAudio, generateAudio } from '../client.js';
export { StableAudioError, isStableAudioError } from '../error.js';
export type * from '../types.js';

/**
 * Loads the module, `stable-audio-client/core.wasm` of the same version. Comes before the first
 * call, which otherwise rejects with `invalid_argument`.
 *
 * ```ts
 * await ready(fetch('/core.wasm'));
 * ```
 */
export const ready: (source: ModuleSource) => Promise<void> = anySource;
