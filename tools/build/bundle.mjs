// From TypeScript to `dist/`: one bundled file an entry, and the declarations that it reaches.

import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import { root } from '../paths.mjs';
import { run } from '../run.mjs';
import { minify } from './minify.mjs';
import { module } from './wasm.mjs';

const source = join(root, 'js');
export const dist = join(root, 'dist');

/** The files of `dist/`: which of `js/` each is bundled from, and which of `js/entrypoints/` loads the module for it. */
const bundles = {
  index: { entry: 'index', core: 'inlined' },
  slim: { entry: 'entrypoints/slim', core: 'supplied' },
  edge: { entry: 'index', core: 'edge' },
  server: { entry: 'server/index' },
  jobs: { entry: 'jobs/index' },
};
export const entries = Object.keys(bundles);
const entryFiles = new Set(Object.values(bundles).map(({ entry }) => entry));

/** esbuild's options for an entry, also for measuring its weight. */
export async function bundling(core = 'inlined') {
  const { version, license } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return {
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    minify: true,
    legalComments: 'none',
    alias: { '#core': join(source, 'entrypoints', `${core}.ts`) },
    banner: { js: `/*! stable-audio-client ${version} | ${license} */` },
    logLevel: 'warning',
  };
}

/** The text of a file of `dist/`; with plugins of esbuild's, if any. */
export async function bundleOf(name, plugins = []) {
  const { build } = await import('esbuild');
  const { entry, core } = bundles[name];
  const { outputFiles } = await build({
    ...(await bundling(core)),
    minify: false,
    minifySyntax: true,
    minifyWhitespace: true,
    entryPoints: [join(source, `${entry}.ts`)],
    external: ['./core.wasm?module'],
    plugins,
    write: false,
  });
  return minify(outputFiles[0].text);
}

export async function buildBundles() {
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist);
  for (const name of entries) await writeFile(join(dist, `${name}.js`), await bundleOf(name));
  await copyFile(module, join(dist, 'core.wasm'));
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
  const files = [...entryFiles].map((name) => join(out, `${name}.d.ts`));
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
