// The programs that are built from crates: wasm-pack, wasm-bindgen, geckodriver, cargo-cyclonedx. A program of the
// right version on the PATH is used; else it is built once into the per-user folder of tools.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { root, searchPath, tools } from '../paths.mjs';
import { capture, run, step, which } from '../run.mjs';

const wasmPackVersion = '0.15.1';
const geckodriverVersion = '0.37.1';
const cargoCyclonedxVersion = '0.5.9';

/** wasm-pack, and the wasm-bindgen programs of exactly the version in Cargo.lock. */
export async function wasmTools() {
  await built('wasm-pack', 'wasm-pack', wasmPackVersion, ['--locked']);
  // Without `--locked`: its lock file may name a version that the registry has dropped.
  await built('wasm-bindgen-cli', 'wasm-bindgen', await wasmBindgenVersion(), []);
}

/** geckodriver: any version that is here, else this one. */
export async function geckodriver() {
  if (await present('geckodriver')) return;
  await built('geckodriver', 'geckodriver', geckodriverVersion, ['--locked']);
}

/** cargo-cyclonedx, which a release needs alone. */
export async function cargoCyclonedx() {
  // A command of cargo's, which tells its version as that.
  await built('cargo-cyclonedx', 'cargo-cyclonedx', cargoCyclonedxVersion, ['--locked'], ['cyclonedx', '--version']);
}

async function built(crate, program, version, flags, asking) {
  if (await present(program, version, asking)) return;
  const place = ['--root', join(tools, 'cargo'), '--force', '--quiet'];
  await step(`building ${crate}@${version} (once for all clones, a minute or two)`, () =>
    run('cargo', ['install', `${crate}@${version}`, ...place, ...flags], {
      // Optimised, these take several times as long to build and save nothing that matters.
      env: { ...process.env, CARGO_PROFILE_RELEASE_OPT_LEVEL: '0' },
    }),
  );
}

async function present(program, version, asking = ['--version']) {
  const file = which(program, searchPath);
  if (!file) return false;
  const { code, output } = await capture(file, asking);
  return code === 0 && (!version || output.split(/\s+/).includes(version));
}

async function wasmBindgenVersion() {
  const lock = await readFile(join(root, 'Cargo.lock'), 'utf8');
  const found = /name = "wasm-bindgen"\r?\nversion = "([^"]+)"/.exec(lock);
  if (!found) throw new Error('Cargo.lock names no wasm-bindgen');
  return found[1];
}
