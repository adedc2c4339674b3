// From Rust to the finished module: wasm-pack, then the passes, then one string.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { root } from '../paths.mjs';
import { run } from '../run.mjs';
import { bindGlue } from './bind-glue.mjs';
import { forget } from './forget.mjs';
import { arrange, shrink } from './optimise.mjs';
import { strip } from './sections.mjs';
import { snip } from './snip.mjs';
import { toText } from './inline-encoding.mjs';
import { unexport } from './unexport.mjs';

const folder = join(root, 'target', 'pkg');
export const module = join(folder, 'stable_audio_client_bg.wasm');
/** The module with all its panics and the names of its functions, which is not shipped. */
export const whole = join(folder, 'whole.wasm');
/** The finished module with the names of its functions, which is not shipped either. */
export const named = join(folder, 'named.wasm');
const glue = join(folder, 'stable_audio_client_bg.js');
/** What the JavaScript API sees of the glue. */
export const binding = join(folder, 'binding.js');

/** What is done to wasm-bindgen's output, in order; the last of them leaves `module`. */
const passes = [
  () => shrink(module, whole),
  rewrite(snip),
  rewrite(async (bytes) => unexport(bytes, await readFile(glue, 'utf8'))),
  // Data that is in pieces already cannot be cut once more: binaryen's names for pieces clash.
  () => shrink(module, module, '--skip-pass=memory-packing'),
  rewrite(forget),
  () => shrink(module, named),
  () => arrange(named, named),
  shorten,
  async () => writeFile(module, strip(await readFile(named))),
];

/** Builds the module and its glue, and beside them `inlined.js`: the module as a string. */
export async function buildWasm(env) {
  const out = ['--out-dir', join('target', 'pkg')];
  const flags = ['--release', '--target', 'bundler', '--no-pack', '--no-opt'];
  await run('wasm-pack', ['--log-level', 'warn', 'build', root, ...flags, ...out], {
    cwd: root,
    env,
  });
  for (const pass of passes) await pass();
  await inline();
}

/** Rewrites the module's bytes. */
function rewrite(change) {
  return async () => writeFile(module, await change(await readFile(module)));
}

async function shorten() {
  const bound = await bindGlue(await readFile(named), await readFile(glue, 'utf8'));
  await writeFile(named, bound.module);
  await writeFile(binding, bound.binding);
  await writeFile(
    binding.replace(/js$/, 'd.ts'),
    '/** The glue of one module. */\n' +
      'export interface Binding {\n' +
      '  connect(options: unknown, merged: boolean, randomUuid: () => string): Connection;\n' +
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
