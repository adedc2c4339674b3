/**
 * Browser client for AI/ML API's `stable-audio` model: a prompt in, the URL of a finished track out.
 * @packageDocumentation
 */

import { bring } from './load.js';
import type { ModuleSource } from './types.js';

export { StableAudio, generateAudio } from './client.js';
export { StableAudioError, isStableAudioError } from './error.js';
export type * from './types.js';

/**
 * Loads the module ahead of the first call, which otherwise does. The module is in this package's
 * file; a source is for those who would rather bring `stable-audio-client/core.wasm` themselves. Once
 * it is loaded, a further source is not looked at. Calls do not wait for a source that is slow.
 */
export async function ready(source?: ModuleSource): Promise<void> {
  await bring(source);
}
