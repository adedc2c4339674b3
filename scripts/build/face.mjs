// From TypeScript to `dist/`: one bundled file an entry, and the declarations that it reaches.

import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import { root } from '../places.mjs';
import { run } from '../run.mjs';

const source = join(root, 'npm');
export const dist = join(root, 'dist');

/** The files of `npm/` that users import, each bundled to one of the same name in `dist/`. */
export const entries = ['index'];

/** esbuild's options for the face, also for measuring its weight. */
export async function bundling() {
  const { version, license } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return {
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    minify: true,
    legalComments: 'none',
    banner: { js: `/*! stable-audio-client ${version} | ${license} */` },
    logLevel: 'warning',
  };
}

export async function buildFace() {
  const { build } = await import('esbuild');
  await rm(dist, { recursive: true, force: true });
  await build({
    ...(await bundling()),
    entryPoints: entries.map((name) => join(source, `${name}.ts`)),
    outdir: dist,
  });
  await declarations();
}

// Declarations keep their doc comments and stay in as many files as the sources; those that no
// entry reaches are the package's own business and are not shipped.
async function declarations() {
  const out = join(root, 'target', 'declarations');
  await rm(out, { recursive: true, force: true });
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const flags = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', out];
  const project = ['--project', source, '--rootDir', source];
  await run(process.execPath, [compiler, ...project, ...flags]);
  const files = entries.map((name) => join(out, `${name}.d.ts`));
  for (const file of files) {
    const text = await readFile(file, 'utf8');
    for (const [, name] of text.matchAll(/(?:from|import\()\s*['"](\.[^'"]+)\.[jt]s['"]/g)) {
      const reached = join(dirname(file), `${name}.d.ts`);
      if (!files.includes(reached)) files.push(reached);
    }
    const shipped = join(dist, relative(out, file));
    await mkdir(dirname(shipped), { recursive: true });
    await copyFile(file, shipped);
  }
}
