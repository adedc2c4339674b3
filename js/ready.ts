import { loadFrom } from './load.js';
import type { ModuleSource } from './types.js';

/**
 * Loads the module ahead of the first call, which otherwise does. The module is in this package's
 * file; a source is for those who prefer to supply `stable-audio-client/core.wasm` themselves. Once
 * the module is loaded, a further source is ignored. Calls do not wait for a source that is slow.
 */
export async function ready(source?: ModuleSource): Promise<void> {
  await loadFrom(source);
}
