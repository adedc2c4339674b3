// Ties the glue to the module: short names for what one takes from the other, in both.

import { createHash } from 'node:crypto';

import { rename } from './rename.mjs';

const started = '__wbindgen_start';

/**
 * The module and wasm-bindgen's glue with short names in them, and the `binding`, which is all that
 * the face knows of them: `{ module, glue, binding }`. `file` is where the glue will be.
 */
export async function bind(module, glue, file) {
  // The other short names would fit another version's module as well: this one fits this glue alone.
  const fingerprint = createHash('sha256').update(glue).digest('hex').slice(0, 12);
  const { bytes, imports, exports } = rename(module, 'a', { [started]: `_${fingerprint}` });
  const { transform } = await import('esbuild');
  const { code } = await transform(glue, {
    mangleProps: new RegExp(`^(${[...exports.keys()].join('|')})$`),
    mangleCache: Object.fromEntries(exports),
  });
  const names = [...imports].map(([long, short]) => `${short}: glue.${long}`);
  const binding = [
    `import * as glue from './${file}';`,
    `export { Client } from './${file}';`,
    `export const imports = { a: { ${names.join(', ')} } };`,
    `export function start(exports) {`,
    `  glue.__wbg_set_wasm(exports);`,
    `  exports.${exports.get(started)}();`,
    `}`,
  ];
  return { module: bytes, glue: code, binding: `${binding.join('\n')}\n` };
}
