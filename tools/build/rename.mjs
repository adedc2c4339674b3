// Gives the imports and exports of a module names of a letter or two.

import { read, sections } from './sections.mjs';

const importSection = 2;
const exportSection = 7;
const functionKind = 0;
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * The module's bytes with new names, and the new by the old: `{ bytes, imports, exports }`. All is
 * imported from `from`; an export that `given` names is called that.
 */
export function rename(module, from, given) {
  const imports = new Map();
  const exports = new Map();
  const rewritten = [...sections(module)].map(({ id, content, to, from: start }) => {
    const reader = read(module, content);
    if (id === importSection) return section(id, reader, () => imported(reader, from, imports));
    if (id === exportSection) return section(id, reader, () => exported(reader, given, exports));
    return module.subarray(start, to);
  });
  return { bytes: Buffer.concat([module.subarray(0, 8), ...rewritten]), imports, exports };
}

function imported(reader, from, names) {
  reader.text();
  const name = reader.text();
  const kind = reader.byte();
  if (kind !== functionKind) throw new Error(`the module imports ${name}, which is no function`);
  names.set(name, short(names.size));
  return Buffer.concat([text(from), text(names.get(name)), Buffer.of(kind), number(reader.number())]);
}

function exported(reader, given, names) {
  const name = reader.text();
  names.set(name, given[name] ?? short(names.size));
  return Buffer.concat([text(names.get(name)), Buffer.of(reader.byte()), number(reader.number())]);
}

function section(id, reader, entry) {
  const count = reader.number();
  const content = Buffer.concat([number(count), ...Array.from({ length: count }, entry)]);
  return Buffer.concat([Buffer.of(id), number(content.length), content]);
}

function short(index) {
  const last = letters[index % letters.length];
  return index < letters.length ? last : short(Math.floor(index / letters.length) - 1) + last;
}

function text(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(bytes.length), bytes]);
}

/** Unsigned LEB128. */
function number(value) {
  const bytes = [];
  for (let rest = value; bytes.push(rest & 0x7f) && rest > 0x7f; rest >>>= 7) bytes[bytes.length - 1] |= 0x80;
  return Buffer.from(bytes);
}
