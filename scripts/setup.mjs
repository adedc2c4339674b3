// Makes a machine ready: npm packages, the wasm32 target, the built tools, the browsers. Uses what
// is there and installs what is missing. `node scripts/setup.mjs` does all of it.

import { homedir } from 'node:os';
import { join } from 'node:path';

import { main } from './main.mjs';
import { searchPath } from './places.mjs';
import { browsers } from './setup/browsers.mjs';
import { packages } from './setup/packages.mjs';
import { geckodriver, wasmTools } from './setup/tools.mjs';
import { wasmTarget } from './setup/wasm-target.mjs';

/** What building needs; resolves to the environment for cargo and wasm-pack on wasm32. */
export async function setUpBuild() {
  await packages();
  const target = await wasmTarget();
  await wasmTools();
  return { ...process.env, ...target, RUSTFLAGS: rustFlags(), PATH: searchPath };
}

// Panics name the file that they are in: without the folder that this user's crates are in, the
// module is the same on every machine.
function rustFlags() {
  const crates = join(process.env.CARGO_HOME || join(homedir(), '.cargo'), 'registry', 'src');
  return [process.env.RUSTFLAGS, `--remap-path-prefix=${crates}=crates`].filter(Boolean).join(' ');
}

/** What testing needs on top of building; resolves to the same environment. */
export async function setUpTests() {
  const env = await setUpBuild();
  await browsers();
  await geckodriver();
  return env;
}

await main(import.meta.url, setUpTests);
