// Ties wasm-bindgen's glue to the module: each asks for what the other calls by its short name, and what
// the glue never asks for is no longer exported. And makes a function of the glue: nothing is done when it
// is imported, and each module that is started has its own, so that a fresh one can take the place of one
// that trapped. The short names save 3 %; this may go when wasm-bindgen gives them.

import { createHash } from 'node:crypto';

const started = '__wbindgen_start';

/**
 * The module, and the `binding`, which is the glue as a function: `{ module, binding }`. `names` are what
 * `shortenNames` gave the imports and exports.
 */
export async function bindGlue(module, glue, { imports, exports }) {
  // The other short names would fit another version's module as well: this one fits this glue alone.
  const start = `start${createHash('sha256').update(glue).digest('hex').slice(0, 8)}`;
  const { transform } = await import('esbuild');
  const { code } = await transform(glue, {
    mangleProps: new RegExp(`^(${exports.map(([name]) => name).join('|')})$`),
    mangleCache: Object.fromEntries(exports),
  });
  const names = imports.map(([, name, short]) => `${kept(short)}: ${name}`);
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
    `    exports.${start}();`,
    `  },`,
    `};`,
    `}`,
  ];
  const used = new Set([...glue.matchAll(/\bwasm\.(\w+)/g)].map(([, name]) => name));
  return { module: await withExports(module, exports, used, start), binding: `${binding.join('\n')}\n` };
}

/** A short name that consumers keep: some have their minifier rename properties with an underscore. */
function kept(short) {
  return short === '_' ? 0 : short;
}

/** The module with no exports but those that are `used`, and its start, which is called `start`. */
async function withExports(bytes, exports, used, start) {
  const { default: binaryen } = await import('binaryen');
  const module = binaryen.readBinary(bytes);
  const functions = Array.from({ length: module.getNumFunctions() }, (_, index) =>
    binaryen.getFunctionInfo(module.getFunctionByIndex(index)),
  );
  for (const { name, module: from, base, params, results } of functions) {
    if (base === '' || kept(base) === base) continue;
    module.removeFunction(name);
    module.addFunctionImport(name, from, String(kept(base)), params, results);
  }
  for (const [name, short] of exports) {
    if (name === started) module.addFunctionExport(binaryen.getExportInfo(module.getExport(short)).value, start);
    if (!used.has(name)) module.removeExport(short);
  }
  binaryen.setDebugInfo(true);
  const result = module.emitBinary();
  module.dispose();
  return result;
}
