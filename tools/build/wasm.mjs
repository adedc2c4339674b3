// From Rust to the finished module: wasm-pack, then the passes, then one string.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { root } from '../paths.mjs';
import { run } from '../run.mjs';
import { bindGlue } from './bind-glue.mjs';
import { toText } from './inline-encoding.mjs';
import { finish, shortenNames, shrink } from './optimise.mjs';
import { snip } from './snip.mjs';

const folder = join(root, 'target', 'pkg');
export const module = join(folder, 'stable_audio_client_bg.wasm');
/** The module with all its panics and the names of its functions, which is not shipped. */
export const whole = join(folder, 'whole.wasm');
/** The names of the finished module's functions, by their numbers. */
export const symbols = join(folder, 'symbols.txt');
const glue = join(folder, 'stable_audio_client_bg.js');
/** What the JavaScript API sees of the glue. */
export const binding = join(folder, 'binding.js');

/** Builds the module and its glue, and beside them `inlined.js`: the module as a string. */
export async function buildWasm(env) {
  const out = ['--out-dir', join('target', 'pkg')];
  const flags = ['--release', '--target', 'bundler', '--no-pack', '--no-opt'];
  await run('wasm-pack', ['--log-level', 'warn', 'build', root, ...flags, ...out], {
    cwd: root,
    env,
  });
  await shrink(module, whole);
  await writeFile(module, await snip(await readFile(module)));
  await writeBinding(await shortenNames(module, module));
  // Data that is in pieces already cannot be cut once more: binaryen's names for pieces clash.
  await shrink(module, module, '--skip-pass=memory-packing');
  await finish(module, module, symbols);
  await inline();
}

async function writeBinding(names) {
  const bound = await bindGlue(await readFile(module), await readFile(glue, 'utf8'), names);
  await writeFile(module, bound.module);
  await writeFile(binding, bound.binding);
  await writeFile(
    binding.replace(/js$/, 'd.ts'),
    '/** The glue of one module. */\n' +
      'export interface Binding {\n' +
      '  connect(options: unknown, randomUuid: () => string): Connection;\n' +
      '  imports: WebAssembly.Imports;\n' +
      '  start(exports: WebAssembly.Exports): void;\n' +
      '}\n' +
      '/** The calls of one client, by their numbers. */\n' +
      'export type Connection = (method: number, subject: unknown, given: object, waited: number) => Promise<unknown>;\n' +
      'export function bind(): Binding;\n',
  );
}

async function inline() {
  const text = toText(await readFile(module));
  await writeFile(join(folder, 'inlined.js'), `export default ${JSON.stringify(text)};\n`);
  await writeFile(
    join(folder, 'inlined.d.ts'),
    "declare const inlined: import('../../js/entrypoints/inline-encoding.js').Text;\nexport default inlined;\n",
  );
}
