import assert from 'node:assert/strict';
import { test } from 'node:test';

import binaryen from 'binaryen';

import { forget } from '../../tools/build/forget.mjs';

function binary(...fields) {
  const module = binaryen.parseText(`(module ${fields.join(' ')})`);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

// At 1000 the file's name, at 1012 and 1028 two places in it.
const word = (number) => [number & 255, number >> 8, 0, 0];
const place = (line) => [1000, 11, line, 3].flatMap(word);
const written = (bytes) => bytes.map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
const places = `(memory 1) (data (i32.const 1000) "src/file.rs\\00${written([...place(7), ...place(8)])}said.rs\\00")`;
const reads = (address) => `(func (export "f") (drop (i32.load (i32.const ${address}))))`;

async function left(bytes) {
  return Buffer.from(await forget(bytes)).toString('latin1');
}

test('forgets places and names that nothing reads, and nothing else', async () => {
  const bytes = binary(places, reads(1044));
  const kept = await left(bytes);
  assert.equal(kept.length, bytes.length);
  assert.doesNotMatch(kept, /src\/file\.rs/);
  assert.match(kept, /said\.rs/);
});

test('keeps a place that code reads, and its name', async () => {
  const kept = await left(binary(places, reads(1028)));
  const blank = '\0'.repeat(1 + 16);
  assert.ok(kept.includes(`src/file.rs${blank}${String.fromCharCode(...place(8))}said`));
});

test('keeps a place that data points to, or half of a number of 64 bits', async () => {
  const pointer = `(data (i32.const 2000) "${written(word(1032))}")`;
  const number = `(func (export "f") (drop (i64.const ${(1032n << 32n) | 1n})))`;
  for (const reference of [pointer, number]) {
    assert.ok((await left(binary(places, reference))).includes(String.fromCharCode(...place(8))));
  }
});

test('keeps a name that code reads, in the middle too', async () => {
  const kept = await left(binary(places, reads(1004)));
  const blank = '\0'.repeat(1 + 2 * 16);
  assert.ok(kept.includes(`src/file.rs${blank}said`));
});
