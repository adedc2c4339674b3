// @ts-ignore: the runtime makes it a module.
import module from './core.wasm';

/** The module as Cloudflare's runtime compiles it when a worker is deployed. */
export const core = (): WebAssembly.Module => module;
