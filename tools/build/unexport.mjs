// Takes back the exports that the glue never asks for, and with them what they alone keep.

/** The module's bytes, with no exports but its start and what the glue reads from `wasm`. */
export async function unexport(bytes, glue) {
  const { default: binaryen } = await import('binaryen');
  const used = new Set(['__wbindgen_start', ...[...glue.matchAll(/\bwasm\.(\w+)/g)].map(([, name]) => name)]);
  const module = binaryen.readBinary(bytes);
  const names = Array.from(
    { length: module.getNumExports() },
    (_, index) => binaryen.getExportInfo(module.getExportByIndex(index)).name,
  );
  names.filter((name) => !used.has(name)).forEach((name) => module.removeExport(name));
  binaryen.setDebugInfo(true);
  const result = module.emitBinary();
  module.dispose();
  return result;
}
