// Whether the module compiles with the oldest compiler that it promises to work with, where rustup has it.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { root } from '../paths.mjs';
import { capture, which } from '../run.mjs';

/** Why this cannot be asked here, or undefined. */
export async function lacksOldest() {
  const version = await oldest();
  return (await installed(version)) ? undefined : `rustup has no ${version} (rustup toolchain install ${version})`;
}

export async function checkWithOldest({ env, start }) {
  const RUSTUP_TOOLCHAIN = await installed(await oldest());
  return start(['cargo', 'check', '--package', 'stable-audio-client'], { ...env, RUSTUP_TOOLCHAIN });
}

async function oldest() {
  const [, version] = /^rust-version = "([\d.]+)"/m.exec(await readFile(join(root, 'Cargo.toml'), 'utf8'));
  return version;
}

/** The name by which rustup has a version, or undefined. */
async function installed(version) {
  if (!which('rustup')) return undefined;
  const { output } = await capture('rustup', ['toolchain', 'list']);
  const names = output.split('\n').map((line) => line.split(' ')[0]);
  return names.find((name) => name.startsWith(`${version}-`) || name.startsWith(`${version}.`));
}
