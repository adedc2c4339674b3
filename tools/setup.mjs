// Makes a machine ready: npm packages, the wasm32 target, the built tools, the browsers, Redis. Uses
// what is there and installs what is missing. `node tools/setup.mjs` does all of it.

import { main } from './main.mjs';
import { searchPath } from './paths.mjs';
import { browsers } from './setup/browsers.mjs';
import { packages } from './setup/packages.mjs';
import { redis } from './setup/redis.mjs';
import { rustFlags } from './setup/rust-flags.mjs';
import { geckodriver, wasmTools } from './setup/tools.mjs';
import { toolchain } from './setup/toolchain.mjs';
import { wasmTarget } from './setup/wasm-target.mjs';

/** What building needs; resolves to the environment for cargo and wasm-pack on wasm32. */
export async function setUpBuild() {
  const [target] = await Promise.all([compiler(), packages()]);
  return { ...process.env, ...target, RUSTFLAGS: await rustFlags(target), PATH: searchPath };
}

async function compiler() {
  await toolchain();
  const target = await wasmTarget();
  await wasmTools();
  return target;
}

/** What testing needs on top of building, with or without browsers; resolves to the same environment. */
export async function setUpTests({ inBrowsers = true } = {}) {
  const [env] = await Promise.all([setUpBuild(), redis(), inBrowsers && browsers()]);
  if (inBrowsers) await geckodriver();
  return env;
}

await main(import.meta.url, () => setUpTests());
