// Makes a machine ready: npm packages, the wasm32 target, the built tools, the browsers, Redis. Uses
// what is there and installs what is missing. `node tools/setup.mjs` does all of it.

import { homedir } from 'node:os';
import { join } from 'node:path';

import { main } from './main.mjs';
import { root, searchPath } from './paths.mjs';
import { capture } from './run.mjs';
import { browsers } from './setup/browsers.mjs';
import { packages } from './setup/packages.mjs';
import { redis } from './setup/redis.mjs';
import { geckodriver, wasmTools } from './setup/tools.mjs';
import { toolchain } from './setup/toolchain.mjs';
import { wasmTarget } from './setup/wasm-target.mjs';

/** What building needs; resolves to the environment for cargo and wasm-pack on wasm32. */
export async function setUpBuild() {
  await packages();
  await toolchain();
  const target = await wasmTarget();
  await wasmTools();
  return { ...process.env, ...target, RUSTFLAGS: await rustFlags(target), PATH: searchPath };
}

// Panics name the file that they are in: without the folder that this user's crates are in, the
// module is the same on every machine. So it is with and without the library's sources, which
// rustc takes its own paths from where they are installed.
async function rustFlags(target) {
  const crates = join(process.env.CARGO_HOME || join(homedir(), '.cargo'), 'registry', 'src');
  const rustc = async (...args) =>
    (await capture('rustc', args, { cwd: root, env: { ...process.env, ...target } })).output;
  const sources = join((await rustc('--print', 'sysroot')).trim(), 'lib', 'rustlib', 'src', 'rust');
  const [, commit] = /^commit-hash: (\w+)$/m.exec(await rustc('-vV')) ?? [];
  const folders = { [crates]: 'crates', [sources]: `/rustc/${commit}` };
  const remapped = Object.entries(folders).map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
  return [process.env.RUSTFLAGS, ...remapped].filter(Boolean).join(' ');
}

/** What testing needs on top of building, with or without browsers; resolves to the same environment. */
export async function setUpTests({ inBrowsers = true } = {}) {
  const env = await setUpBuild();
  if (inBrowsers) {
    await browsers();
    await geckodriver();
  }
  await redis();
  return env;
}

await main(import.meta.url, () => setUpTests());
