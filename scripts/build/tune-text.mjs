// `node scripts/build/tune-text.mjs [seconds]`: tries other marks for the bytes of the module that was
// built last, and prints those in which it compresses best. Letters, spaces and line ends stay.

import { readFile } from 'node:fs/promises';
import { brotliCompressSync } from 'node:zlib';

import { main } from '../main.mjs';
import { marks, toText } from './text.mjs';
import { module } from './wasm.mjs';

await main(import.meta.url, async () => {
  const bytes = await readFile(module);
  const weigh = (table) => brotliCompressSync(JSON.stringify(toText(bytes, table.join('')))).length;
  const until = performance.now() + 1000 * Number(process.argv[2] ?? 120);
  let best = [...marks];
  let least = weigh(best);
  console.log(`${least} bytes with the marks as they are`);
  const movable = [...best.keys()].filter((byte) => !/[A-Za-z \n]/.test(best[byte]));
  while (performance.now() < until) {
    const table = [...best];
    for (let swaps = 1 + Math.floor(2 * Math.random()); swaps > 0; swaps--) {
      const one = any(movable.filter((byte) => table[byte] !== '}'));
      const other = any(movable);
      [table[one], table[other]] = [table[other], table[one]];
    }
    const weight = weigh(table);
    if (weight >= least) continue;
    [best, least] = [table, weight];
    console.log(`${least} bytes`);
  }
  console.log(JSON.stringify(best.join('')));
});

function any(list) {
  return list[Math.floor(Math.random() * list.length)];
}
