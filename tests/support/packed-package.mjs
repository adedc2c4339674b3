// The package as users get it: packed by npm, and unpacked into a temporary folder.

import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { root } from '../../tools/paths.mjs';
import { npm, run } from '../../tools/run.mjs';

/** What was packed before, by a digest of what went into it. */
const kept = join(root, 'target', 'packed');

/** Unpacks the package; resolves to its folder and manifest, and `remove`. */
export async function unpackPackage() {
  const tarball = await packPackage();
  const base = await mkdtemp(join(tmpdir(), 'stable-audio-packed-'));
  await run('tar', ['-xzf', relative(base, tarball)], { cwd: base });
  const folder = join(base, 'package');
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  return { folder, manifest, remove: () => rm(base, { recursive: true, force: true }) };
}

/** Packs the package unless the very same has been packed; resolves to the tarball. */
async function packPackage() {
  const tarball = join(kept, `${await digest()}.tgz`);
  if (await stat(tarball).catch(() => undefined)) return tarball;
  await mkdir(kept, { recursive: true });
  const making = await mkdtemp(join(kept, 'making-'));
  try {
    await npm(['pack', '--silent', '--pack-destination', making], { cwd: root, stdio: 'ignore' });
    const [made] = await readdir(making);
    // Another test may have made it meanwhile: the same one.
    await rename(join(making, made), tarball);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return tarball;
}

/** Of all files that npm may pack: those that the manifest names, and those beside it. */
async function digest() {
  const { files } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const hash = createHash('sha256');
  const add = async (path) => {
    hash.update(`${path}\0`);
    hash.update(await readFile(join(root, path)));
  };
  const entries = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isFile());
  for (const { name } of entries) await add(name);
  for (const name of files.toSorted()) {
    if (!(await stat(join(root, name))).isDirectory()) continue;
    const inner = await readdir(join(root, name), { recursive: true, withFileTypes: true });
    const paths = inner.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    for (const path of paths.toSorted()) await add(relative(root, path));
  }
  return hash.digest('hex').slice(0, 32);
}

/** The import map that lets a page write `import 'stable-audio-client'`, served from `base`. */
export function importMap({ name, exports }, base) {
  const imports = {};
  for (const [path, target] of Object.entries(exports)) {
    if (target.default) imports[name + path.slice(1)] = base + target.default.slice(1);
  }
  return { imports };
}
