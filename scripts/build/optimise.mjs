// wasm-opt, from file to file.

import { join } from 'node:path';

import { root } from '../places.mjs';
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
  const rounds = ['--low-memory-unused', '--converge', '-Oz', '-Oz'];
  return run(process.execPath, [program, from, '-o', to, '-g', ...features, ...flags, ...rounds]);
}
