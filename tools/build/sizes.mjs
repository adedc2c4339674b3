// What the package weighs, by part: raw, gzip and brotli bytes.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { root } from '../paths.mjs';
import { cells, columns, weigh } from '../size/weigh.mjs';
import { aligned } from '../table.mjs';
import { bundling, dist, entries } from './bundle.mjs';
import { binding, module } from './wasm.mjs';

/** What a bundle is made of, each part by itself. */
export async function parts() {
  return {
    module: await readFile(module),
    glue: await minified(binding, []),
    api: await minified(join(root, 'js', 'index.ts'), ['../target/pkg/*', '../../target/pkg/*']),
  };
}

export async function printSizes() {
  const { module, glue, api } = await parts();
  const files = { 'module (wasm)': module, 'glue, minified': glue, 'JavaScript API, minified': api };
  for (const name of entries) files[`dist/${name}.js`] = await readFile(join(dist, `${name}.js`));
  const rows = Object.entries(files).map(([name, bytes]) => [name].concat(cells(weigh(bytes))));
  console.log(aligned([['', ...columns], ...rows]));
}

async function minified(file, external) {
  const { build } = await import('esbuild');
  const options = { ...(await bundling()), banner: {}, external };
  const { outputFiles } = await build({ ...options, entryPoints: [file], write: false });
  return outputFiles[0].contents;
}
