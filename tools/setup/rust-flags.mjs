// What makes the module the same on every machine: panics name the file that they are in.

import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { root } from '../paths.mjs';
import { capture } from '../run.mjs';

/** RUSTFLAGS with which no path has a folder of this user's in it; `target` are the variables of `wasmTarget`. */
export async function rustFlags(target) {
  const env = { ...process.env, ...target };
  const rustc = async (...args) => (await capture('rustc', args, { cwd: root, env })).output;
  const [, commit] = /^commit-hash: (\w+)$/m.exec(await rustc('-vV')) ?? [];
  // The library's sources, where they are installed: rustc takes its own paths from them.
  const library = join((await rustc('--print', 'sysroot')).trim(), 'lib', 'rustlib', 'src', 'rust');
  const folders = [[library, `/rustc/${commit}`], ...(await registries(env)).map((from) => [from, 'crates'])];
  const remapped = folders.map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
  return [process.env.RUSTFLAGS, ...remapped].filter(Boolean).join(' ');
}

/** The folders that crates are in, one for each registry: its name says which one this user has. */
async function registries(env) {
  const { code, output } = await capture('cargo', ['fetch', '--locked', '--quiet'], { cwd: root, env });
  if (code !== 0) throw new Error(`the crates cannot be fetched\n${output}`);
  const folder = join(process.env.CARGO_HOME || join(homedir(), '.cargo'), 'registry', 'src');
  return (await readdir(folder)).toSorted().map((name) => join(folder, name));
}
