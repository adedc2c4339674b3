// @ts-ignore: the runtime makes it a module.
import module from './core.wasm?module';

/** The module as Vercel's edge runtime compiles it when a function is deployed. */
export const core = (): WebAssembly.Module => module;
