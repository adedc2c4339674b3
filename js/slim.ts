/**
 * The same client without the module in it: `ready(source)` comes first.
 * @packageDocumentation
 */

import { bring } from './load.js';
import type { ModuleSource } from './types.js';

export { StableAudio, generateAudio } from './client.js';
export { StableAudioError, isStableAudioError } from './error.js';
export type * from './types.js';

/**
 * Loads the module, `stable-audio-client/core.wasm` of the same version. Comes before the first
 * call, which otherwise rejects with `invalid_argument`.
 *
 * ```ts
 * await ready(fetch('/core.wasm'));
 * ```
 */
export async function ready(source: ModuleSource): Promise<void> {
  await bring(source);
}
