// The memory of the package's module, observed from outside, since the package does not expose it.

const { instantiate } = WebAssembly;
let exported;

WebAssembly.instantiate = async (...given) => {
  const made = await instantiate(...given);
  exported = (made.instance ?? made).exports;
  return made;
};

/** Bytes of the module's memory, and slots of its table of JavaScript values. */
export function moduleMemory() {
  const all = Object.values(exported ?? {});
  const memory = all.find((value) => value instanceof WebAssembly.Memory);
  const tables = all.filter((value) => value instanceof WebAssembly.Table);
  return { bytes: memory?.buffer.byteLength ?? 0, slots: Math.max(0, ...tables.map((table) => table.length)) };
}
