// `node tools/build/tune-text.mjs [seconds]`: tries other marks for the bytes of the module that was
// built last, and prints those with which one job in a bundle weighs least. Letters, spaces and line
// ends stay.

import { readFile } from 'node:fs/promises';

import { main } from '../main.mjs';
import { bundled } from '../size/bundle.mjs';
import { weigh } from '../size/weigh.mjs';
import { dist } from './face.mjs';
import { marks, toText } from './text.mjs';
import { module } from './wasm.mjs';

const contents = "import { generateAudio } from './index.js'; generateAudio('rain').then(console.log);";

await main(import.meta.url, async () => {
  const bytes = await readFile(module);
  const program = Buffer.from(await bundled({ stdin: { contents, resolveDir: dist } })).toString();
  const now = toText(bytes);
  const weight = (table) => {
    const { marks, text } = toText(bytes, table.join(''));
    return weigh(Buffer.from(program.replace(now.text, () => text).replace(now.marks, () => marks))).brotli;
  };
  if (!program.includes(now.text)) throw new Error('the package was not built with these marks');
  const until = performance.now() + 1000 * Number(process.argv[2] ?? 120);
  let best = [...marks];
  let least = weight(best);
  console.log(`${least} bytes with the marks as they are`);
  const movable = [...best.keys()].filter((byte) => !/[A-Za-z \n]/.test(best[byte]));
  while (performance.now() < until) {
    const table = [...best];
    for (let swaps = 1 + Math.floor(2 * Math.random()); swaps > 0; swaps--) {
      const one = any(movable.filter((byte) => table[byte] !== '}'));
      const other = any(movable);
      [table[one], table[other]] = [table[other], table[one]];
    }
    const tried = weight(table);
    if (tried >= least) continue;
    [best, least] = [table, tried];
    console.log(`${least} bytes`);
  }
  console.log(JSON.stringify(best.join('')));
});

function any(list) {
  return list[Math.floor(Math.random() * list.length)];
}
