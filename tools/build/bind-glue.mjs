// Ties the glue to the module: short names for what one takes from the other, in both. And makes a
// function of the glue: nothing is done when it is imported, and each module that is started has
// its own, so that a fresh one can take the place of one that trapped.

import { createHash } from 'node:crypto';

import { rename } from './rename.mjs';

const started = '__wbindgen_start';

/**
 * The module with short names in it, and the `binding`, which is wasm-bindgen's glue as a function:
 * `{ module, binding }`.
 */
export async function bindGlue(module, glue) {
  // The other short names would fit another version's module as well: this one fits this glue alone.
  const fingerprint = createHash('sha256').update(glue).digest('hex').slice(0, 12);
  const { bytes, imports, exports } = rename(module, 'a', { [started]: `start${fingerprint}` });
  const { transform } = await import('esbuild');
  const { code } = await transform(glue, {
    mangleProps: new RegExp(`^(${[...exports.keys()].join('|')})$`),
    mangleCache: Object.fromEntries(exports),
  });
  const names = [...imports].map(([long, short]) => `${short}: ${long}`);
  const binding = [
    // What the glue calls by these names need not be the platform's own.
    `import { clearTimeout, setTimeout } from '../../js/timers.js';`,
    `import { streamed } from '../../js/upload.js';`,
    `export function bind() {`,
    code.replaceAll(/^export /gm, ''),
    `return {`,
    `  connect,`,
    `  imports: { a: { ${names.join(', ')} } },`,
    `  start(exports) {`,
    `    __wbg_set_wasm(exports);`,
    `    exports.${exports.get(started)}();`,
    `  },`,
    `};`,
    `}`,
  ];
  return { module: bytes, binding: `${binding.join('\n')}\n` };
}
