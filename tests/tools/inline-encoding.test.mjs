import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { transform } from 'esbuild';

import { toText } from '../../tools/build/inline-encoding.mjs';

const source = await readFile(new URL('../../js/entrypoints/inline-encoding.ts', import.meta.url), 'utf8');
const { code } = await transform(source, { loader: 'ts' });
const { bytesOf } = await import(`data:text/javascript,${encodeURIComponent(code)}`);

const all = Array.from({ length: 256 }, (_, byte) => byte);
const samples = {
  'no bytes': [],
  'every byte': all,
  'every byte, some more often': all.flatMap((byte) => Array.from({ length: (byte * 37) % 101 }, () => byte)),
  'every pair of bytes': all.flatMap((first) => all.flatMap((second) => [first, second])),
  'words alone': [...Buffer.from('`prompt` is blank; expected "some" words < $1\\')],
};
for (const [name, bytes] of Object.entries(samples)) {
  test(`gives back ${name}`, () => {
    assert.deepEqual([...bytesOf(toText(bytes))], bytes);
  });
}

test('is safe in a template and a page', () => {
  for (const bytes of Object.values(samples)) {
    assert.match(Object.values(toText(bytes)).join(''), /^(?:(?!["\\`$<])[\n -~])*$/);
  }
});

test('leaves words readable', () => {
  assert.equal(toText(Buffer.from('a prompt')).text, 'a prompt');
});
