// `node tools/build/tune-encoding.mjs [seconds]`: tries other marks for the bytes of the module that was
// built last, and prints those with which the client's bundle weighs least. Letters, spaces and line
// ends stay. Each try is bundled anew: esbuild's short names depend on the text, too.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { main } from '../main.mjs';
import { programOf, withInstalled } from '../size/consumers.mjs';
import { weigh } from '../size/weigh.mjs';
import { bundleOf } from './bundle.mjs';
import { marks, toText } from './inline-encoding.mjs';
import { module } from './wasm.mjs';

await main(import.meta.url, async () => {
  await withInstalled(async (installed) => {
    const bytes = await readFile(module);
    const until = performance.now() + 1000 * Number(process.argv[2] ?? 120);
    let best = [...marks];
    let least = await weightOf(installed, bytes, best);
    console.log(`${least} bytes with the marks as they are`);
    const movable = [...best.keys()].filter((byte) => !/[A-Za-z \n]/.test(best[byte]));
    while (performance.now() < until) {
      const table = [...best];
      for (let swaps = 1 + Math.floor(2 * Math.random()); swaps > 0; swaps--) {
        const one = any(movable.filter((byte) => table[byte] !== '}'));
        const other = any(movable);
        [table[one], table[other]] = [table[other], table[one]];
      }
      const tried = await weightOf(installed, bytes, table);
      if (tried >= least) continue;
      [best, least] = [table, tried];
      console.log(`${least} bytes`);
    }
    console.log(JSON.stringify(best.join('')));
  });
});

/** The weight of the client's bundle with these marks, in a project that has the package `installed`. */
async function weightOf(installed, bytes, table) {
  const inlined = `export default ${JSON.stringify(toText(bytes, table.join('')))}`;
  const plugin = {
    name: 'inlined',
    setup: ({ onLoad }) => onLoad({ filter: /[\\/]inlined\.js$/ }, () => ({ contents: inlined })),
  };
  await writeFile(join(installed, 'dist', 'index.js'), await bundleOf('index', [plugin]));
  return weigh(await programOf('client', installed)).brotli;
}

function any(list) {
  return list[Math.floor(Math.random() * list.length)];
}
