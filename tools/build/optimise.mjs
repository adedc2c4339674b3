// wasm-opt, from file to file.

import { join } from 'node:path';

import { root } from '../paths.mjs';
import { capture } from '../run.mjs';

const program = join(root, 'node_modules', 'binaryen', 'bin', 'wasm-opt');
const features = [
  '--enable-bulk-memory',
  '--enable-nontrapping-float-to-int',
  '--enable-sign-ext',
  '--enable-mutable-globals',
  '--enable-reference-types',
  '--enable-multivalue',
];
// The stack comes first, and grows downwards: below 1 KiB is only its very end.
const shrinking = ['--low-memory-unused', '--converge', '-Oz', '-Oz'];
/** Lays branches and functions out anew. Functions of like names are alike: a compressor finds them side by side. */
const again = ['--flatten', '--rereloop', '-Oz', '-Oz'];
const arranging = [...again, ...again, '--monomorphize', '-Oz', '--reorder-functions-by-name'];
const stripping = ['--strip-debug', '--strip-producers', '--strip-target-features'];

/** Makes a module small; its functions keep their names. */
export async function shrink(from, to, ...more) {
  await optimise(from, to, '-g', ...shrinking, ...more);
}

/**
 * Gives imports and exports short names; functions keep theirs. Resolves to
 * `{ imports: [[module, name, short]], exports: [[name, short]] }`.
 */
export async function shortenNames(from, to) {
  return JSON.parse(await optimise(from, to, '-g', '--minify-imports-and-exports-and-modules'));
}

/** Makes a module as small as it gets, without a name in it: those of its functions are in `symbols`, by their numbers. */
export async function finish(from, to, symbols) {
  await optimise(from, to, ...arranging, `--symbolmap=${symbols}`, ...stripping);
}

async function optimise(from, to, ...flags) {
  const { code, output } = await capture(process.execPath, [program, from, '-o', to, ...features, ...flags]);
  // It prints much of itself when it fails; what is wrong comes first.
  if (code !== 0) throw new Error(`wasm-opt ${flags.join(' ')} failed (${code})\n${output.slice(0, 1000)}`);
  return output;
}
