// The package as users get it: packed by npm, and unpacked into a temporary folder.

import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { root } from '../../tools/paths.mjs';
import { npm, run } from '../../tools/run.mjs';

/** Packs and unpacks the package; resolves to its folder and manifest, and `remove`. */
export async function unpackPackage() {
  const base = await mkdtemp(join(tmpdir(), 'stable-audio-packed-'));
  await npm(['pack', '--silent', '--pack-destination', base], { cwd: root, stdio: 'ignore' });
  const [tarball] = await readdir(base);
  await run('tar', ['-xzf', tarball], { cwd: base });
  const folder = join(base, 'package');
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  return { folder, manifest, remove: () => rm(base, { recursive: true, force: true }) };
}

/** The import map that lets a page write `import 'stable-audio-client'`, served from `base`. */
export function importMap({ name, exports }, base) {
  const imports = {};
  for (const [path, target] of Object.entries(exports)) {
    if (target.default) imports[name + path.slice(1)] = base + target.default.slice(1);
  }
  return { imports };
}
