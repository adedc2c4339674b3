import * as glue from '../target/pkg/stable_audio_client_bg.js';
import inlined from '../target/pkg/inlined.js';

import { StableAudioError } from './error.js';

let loading: Promise<typeof glue> | undefined;

/** The module, once it is there. */
export let loaded: typeof glue | undefined;

/** Loads the module once; after a failure, the next call tries again. */
export function load(): Promise<typeof glue> {
  return (loading ??= instantiate().catch((cause) => {
    loading = undefined;
    throw cause;
  }));
}

async function instantiate(): Promise<typeof glue> {
  if (typeof WebAssembly === 'undefined') throw unsupported('WebAssembly');
  if (typeof DecompressionStream === 'undefined') {
    throw unsupported('DecompressionStream: import stable-audio-client/slim and give it the module');
  }
  const packed = Uint8Array.from(atob(inlined), (char) => char.charCodeAt(0));
  const inflated = new Response(packed).body!.pipeThrough(new DecompressionStream('deflate-raw'));
  const bytes = await new Response(inflated).arrayBuffer();
  const imports = { './stable_audio_client_bg.js': glue as unknown as WebAssembly.ModuleImports };
  try {
    const { instance } = await WebAssembly.instantiate(bytes, imports);
    glue.__wbg_set_wasm(instance.exports);
    (instance.exports['__wbindgen_start'] as (() => void) | undefined)?.();
    return (loaded = glue);
  } catch (cause) {
    throw unsupported("WebAssembly: the page's policy must allow script-src 'wasm-unsafe-eval'", { cause });
  }
}

function unsupported(what: string, why?: { cause: unknown }): StableAudioError {
  const message = `this environment has no usable ${what}; nothing was sent`;
  return new StableAudioError({ code: 'unsupported', message, retryable: false, ...why });
}
