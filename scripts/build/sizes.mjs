// What the package weighs, by part: raw, gzip and brotli bytes.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { root } from '../places.mjs';
import { bundling, dist, entries } from './face.mjs';
import { glue, module } from './wasm.mjs';

export async function printSizes() {
  const files = entries.map((name) => `${name}.js`);
  const parts = [
    ['module (wasm)', await readFile(module)],
    ['glue, minified', await minified(glue, [])],
    ['face, minified', await minified(join(root, 'npm', 'index.ts'), ['../target/pkg/*', '../../target/pkg/*'])],
  ];
  for (const file of files) parts.push([`dist/${file}`, await readFile(join(dist, file))]);
  console.log(row('', 'raw', 'gzip -9', 'brotli 11'));
  for (const [name, bytes] of parts) {
    const compressed = [gzipSync(bytes, { level: 9 }), brotliCompressSync(bytes)];
    console.log(row(name, ...[bytes, ...compressed].map(({ length }) => length)));
  }
}

async function minified(file, external) {
  const { build } = await import('esbuild');
  const options = { ...(await bundling()), banner: {}, external };
  const { outputFiles } = await build({ ...options, entryPoints: [file], write: false });
  return outputFiles[0].contents;
}

function row(name, ...numbers) {
  const columns = numbers.map((value) => value.toLocaleString('en').padStart(11));
  return name.padEnd(16) + columns.join('');
}
