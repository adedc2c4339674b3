// wasm-opt, from file to file.

import { join } from 'node:path';

import { root } from '../paths.mjs';
import { run } from '../run.mjs';

const program = join(root, 'node_modules', 'binaryen', 'bin', 'wasm-opt');
const features = [
  '--enable-bulk-memory',
  '--enable-nontrapping-float-to-int',
  '--enable-sign-ext',
  '--enable-mutable-globals',
  '--enable-reference-types',
  '--enable-multivalue',
];

/** Makes a module as small as it gets; its functions keep their names. */
export function shrink(from, to, ...flags) {
  // The stack comes first, and grows downwards: below 1 KiB is only its very end.
  return optimise(from, to, ...flags, '--low-memory-unused', '--converge', '-Oz', '-Oz');
}

/**
 * Lays a small module out anew, its branches and then the order of its functions: another 1 % for a
 * compressor, where the same among the rounds before it would be none.
 */
export function arrange(from, to) {
  const anew = ['--flatten', '--rereloop', '-Oz', '-Oz'];
  return optimise(from, to, ...anew, ...anew, '--monomorphize', '-Oz', '--reorder-functions');
}

function optimise(from, to, ...flags) {
  return run(process.execPath, [program, from, '-o', to, '-g', ...features, ...flags]);
}
