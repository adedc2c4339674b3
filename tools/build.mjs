// Builds the package: `dist/`, from the Rust module and the TypeScript API. Does nothing when
// neither has changed since the last time. `npm run build`

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { buildBundles, dist } from './build/bundle.mjs';
import { printSizes } from './build/sizes.mjs';
import { buildWasm } from './build/wasm.mjs';
import { main } from './main.mjs';
import { root } from './paths.mjs';
import { step } from './run.mjs';
import { setUpBuild } from './setup.mjs';

const inputs = [
  'Cargo.toml',
  'Cargo.lock',
  'rust-toolchain.toml',
  'package.json',
  'package-lock.json',
  'src',
  'protocol',
  'js',
  'tools/build',
  'tools/panics',
];
const stamp = join(root, 'target', 'package.stamp');

/** Builds what has changed, in the environment that `setUpBuild` gave. */
export async function build(env) {
  const now = await fingerprint();
  if (existsSync(join(dist, 'index.js')) && (await lastBuilt()) === now) {
    console.log('✓ the package is up to date');
    return;
  }
  await step('building the module (wasm-pack, wasm-opt)', () => buildWasm(env));
  await step('building the package (esbuild, terser, tsc)', buildBundles);
  await writeFile(stamp, now);
  await printSizes();
}

async function lastBuilt() {
  return existsSync(stamp) ? readFile(stamp, 'utf8') : undefined;
}

async function fingerprint() {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const file of await files(input)) {
      hash
        .update(file)
        .update('\0')
        .update(await readFile(join(root, file)));
    }
  }
  return hash.digest('hex');
}

async function files(path) {
  if (!(await stat(join(root, path))).isDirectory()) return [path];
  const names = await readdir(join(root, path));
  const inner = await Promise.all(names.toSorted().map((name) => files(`${path}/${name}`)));
  return inner.flat();
}

await main(import.meta.url, async () => build(await setUpBuild()));
