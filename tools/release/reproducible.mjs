// Builds the package once more, from a copy of its sources in another folder and with nothing of
// the first build, and compares every file of `dist/`.

import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { main } from '../main.mjs';
import { root } from '../paths.mjs';
import { capture } from '../run.mjs';
import { withSources } from './copy-sources.mjs';

await main(import.meta.url, () =>
  withSources(async (copy) => {
    const { code, output } = await capture(process.execPath, [join(copy, 'tools', 'build.mjs')], { cwd: copy });
    if (code !== 0) throw new Error(`the second build failed\n${output.slice(-3000)}`);
    await compare(join(root, 'dist'), join(copy, 'dist'));
  }),
);

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
