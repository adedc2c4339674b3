// A copy of the sources, in which a build starts from nothing.

import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { root } from '../paths.mjs';

// All that the build reads; `tests` is there for Cargo, which wants every member of the workspace.
const settings = [
  'Cargo.toml',
  'Cargo.lock',
  'rust-toolchain.toml',
  'package.json',
  'package-lock.json',
  'clippy.toml',
];
const sources = [...settings, 'src', 'protocol', 'js', 'tools', 'tests', 'emulator', 'bench'];

// With their times: npm installs again what is older than its lock file.
const copying = { recursive: true, preserveTimestamps: true, filter: isSource };

/** Gives `use` a temporary folder with the copy, and removes it after. */
export async function withSources(use) {
  const copy = await mkdtemp(join(tmpdir(), 'stable-audio-sources-'));
  try {
    for (const name of sources) await cp(join(root, name), join(copy, name), copying);
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
    return await use(copy);
  } finally {
    await rm(copy, { recursive: true, force: true, maxRetries: 3 });
  }
}

function isSource(path) {
  return !/[\\/](node_modules|target|corpus)$/.test(path);
}
