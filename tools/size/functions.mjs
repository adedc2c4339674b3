// Which function, and which crate, the module's code is made of: to the last byte of its section.

import { readModule } from '../panics/module.mjs';
import { crateOf, readable } from '../panics/paths.mjs';
import { Reader, section, sections } from './sections.mjs';

/** What a linker leaves without a name: the body that like functions share. */
const nameless = /^\d+$/;
/** A function that JavaScript calls and that is not of the glue's own: the package's methods. */
const method = /^(?!__)\w+( externref shim)?$/;

/**
 * The functions of a module, the largest first: `{ name, bytes, crate }`. `symbols` are the lines of
 * wasm-opt's symbol map, one for each function, the imported ones first: `number:name`.
 */
export async function functions(module, symbols) {
  const sizes = functionBytes(module);
  const { functions, imports } = await readModule(module);
  const names = symbols.trimEnd().split('\n').slice(imports.size);
  if (names.length !== sizes.length) throw new Error('the module and the names of its functions do not fit');
  const found = [...functions.values()].map(({ name: id, body }, index) => ({
    id,
    body,
    name: names[index].replace(/^\d+:/, ''),
  }));
  return found.map((one, index) => described(one, found, sizes[index])).toSorted((a, b) => b.bytes - a.bytes);
}

/** The bytes of each crate, the largest first, and what the code's section has beside functions. */
export function crates(list, module) {
  const sums = new Map();
  for (const { crate, bytes } of list) sums.set(crate, (sums.get(crate) ?? 0) + bytes);
  const inFunctions = list.reduce((total, { bytes }) => total + bytes, 0);
  const code = sections(module).find(({ name }) => name === 'code').bytes;
  const sorted = [...sums].toSorted(([, a], [, b]) => b - a);
  return Object.fromEntries([...sorted, ["the section's header", code - inFunctions]]);
}

/** The bytes of every function, its length before it included. */
function functionBytes(module) {
  const reader = new Reader(section(module, 'code'));
  return Array.from({ length: reader.number() }, () => {
    const start = reader.at;
    reader.bytes(reader.number());
    return reader.at - start;
  });
}

function described({ id, name }, all, bytes) {
  if (!nameless.test(name)) return { name: readable(name), bytes, crate: crate(readable(name)) };
  const callers = all.filter(({ body }) => calls(body, id)).map((one) => readable(one.name));
  return { name: `shared by ${callers.join(', ')}`, bytes, crate: crate(callers[0] ?? '') };
}

function crate(name) {
  return method.test(name) ? 'stable_audio_client' : crateOf(name);
}

function calls(body, name) {
  const words = body.flat(Infinity);
  return words.some((word, index) => word === name && words[index - 1] === 'call');
}
