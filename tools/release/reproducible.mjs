// Builds the package once more, from a copy of its sources in another folder and with nothing of
// the first build, and compares every file of `dist/`.

import { cp, mkdtemp, readFile, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { main } from '../main.mjs';
import { root } from '../paths.mjs';
import { capture } from '../run.mjs';

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

await main(import.meta.url, async () => {
  const copy = await mkdtemp(join(tmpdir(), 'stable-audio-reproducible-'));
  try {
    for (const name of sources) await cp(join(root, name), join(copy, name), copying);
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
    const { code, output } = await capture(process.execPath, [join(copy, 'tools', 'build.mjs')], { cwd: copy });
    if (code !== 0) throw new Error(`the second build failed\n${output.slice(-3000)}`);
    await compare(join(root, 'dist'), join(copy, 'dist'));
  } finally {
    await rm(copy, { recursive: true, force: true, maxRetries: 3 });
  }
});

function isSource(path) {
  return !/[\\/](node_modules|target|corpus)$/.test(path);
}

async function compare(first, second) {
  const names = await files(first);
  const others = await files(second);
  if (names.join() !== others.join()) throw new Error(`other files: ${names.join(' ')}, then ${others.join(' ')}`);
  for (const name of names) {
    const [a, b] = await Promise.all([first, second].map((folder) => readFile(join(folder, name))));
    if (!a.equals(b)) throw new Error(`dist/${name} differs between two folders`);
    // A path of this machine would differ on the next one.
    if (name.endsWith('.wasm') && /\/(home|root|Users|tmp)\//.test(a.toString('latin1'))) {
      throw new Error(`dist/${name} has a path of this machine in it`);
    }
  }
  console.log(`✓ ${names.length} files are the same to the byte: ${names.join(' ')}`);
}

/** The files in a folder and in those inside it, by their paths from there. */
async function files(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted();
}
