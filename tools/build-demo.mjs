// `npm run build:demo`: the demo as a folder for any static host, in any sub-path. There it talks to
// the service by itself, with the visitor's own key, or to a proxy.

import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

import { build } from './build.mjs';
import { main } from './main.mjs';
import { packageAliases } from './package-aliases.mjs';
import { root } from './paths.mjs';
import { setUpBuild } from './setup.mjs';

/** Where the demo is built. */
export const demo = join(root, 'target', 'demo');

/** Builds the demo from the package in `dist/` into a folder. */
export async function buildDemo(folder = demo) {
  const vite = await import('vite');
  await vite.build({
    configFile: false,
    root: join(root, 'www'),
    base: './',
    logLevel: 'warn',
    resolve: { alias: packageAliases },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2022',
      // The page's policy allows no data: URLs, and its browsers preload by themselves.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
    plugins: [
      {
        name: 'demo',
        transformIndexHtml: showConnection,
        generateBundle() {
          this.emitFile({ type: 'asset', fileName: 'demo.json', source: '{ "mode": "direct" }\n' });
        },
      },
    ],
  });
}

// On a static host the page always asks where it sends to: it does so from the start, so that nothing moves.
function showConnection(html) {
  const hidden = 'class="connection" novalidate hidden';
  if (!html.includes(hidden)) throw new Error(`index.html has no ${hidden}`);
  return html.replace(hidden, 'class="connection" novalidate data-connected="false"');
}

async function printSizes() {
  let sum = 0;
  for (const entry of await readdir(demo, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const bytes = await readFile(file);
    const small = brotliCompressSync(bytes).length;
    sum += small;
    console.log(`  ${relative(demo, file)}: ${kilobytes(bytes.length)}, ${kilobytes(small)} brotli`);
  }
  console.log(`✓ the demo is in ${relative(root, demo)}: ${kilobytes(sum)} brotli in all`);
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

await main(import.meta.url, async () => {
  await build(await setUpBuild());
  await buildDemo();
  await printSizes();
});
