// The data of a module where it lies in the module's own bytes.

import { read, sections } from './sections.mjs';

const data = 11;
const i32const = 0x41;

/** The data by address: `{ address, bytes }`. What is written to `bytes` is written to the module. */
export function segments(module) {
  const section = [...sections(module)].find(({ id }) => id === data);
  if (!section) return [];
  const reader = read(module, section.content);
  return Array.from({ length: reader.number() }, () => segment(module, reader));
}

function segment(module, reader) {
  if (reader.byte() !== 0 || reader.byte() !== i32const) throw new Error('a data segment without a fixed address');
  // Signed; but what is not negative reads the same as if it were unsigned.
  const address = reader.number();
  reader.byte();
  const length = reader.number();
  const bytes = module.subarray(reader.at, reader.at + length);
  reader.at += length;
  return { address, bytes };
}
