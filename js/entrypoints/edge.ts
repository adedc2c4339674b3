// @ts-ignore: the runtime makes it a module.
import module from './core.wasm?module';

export { firstLoaded as whenLoaded } from '../module-race.js';

/** The module as Cloudflare's runtime and Vercel's edge runtime compile it when a program is deployed. */
export const core = (): WebAssembly.Module => module;
