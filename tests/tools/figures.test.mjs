import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';

import { withFigures } from '../../tools/bench/figures.mjs';
import { root } from '../../tools/paths.mjs';

const about = { date: '2026-01-02', machine: '2 × a processor, a browser 1.0' };
const rows = [
  ['a poll', '7 µs; $& 8 µs'],
  ['memory', '1.0 kB'],
];

it('writes what was measured between the marks, and nothing else', () => {
  const text = withFigures('a\n\n<!-- figures -->\nold\n<!-- /figures -->\n\nb\n', rows, about);
  assert.equal(
    text,
    `a

<!-- figures -->

| measured | median        |
| -------- | ------------- |
| a poll   | 7 µs; $& 8 µs |
| memory   | 1.0 kB        |

On 2026-01-02, on 2 × a processor, a browser 1.0.

<!-- /figures -->

b
`,
  );
});

it('changes nothing the second time', async () => {
  const once = withFigures(await readFile(join(root, 'README.md'), 'utf8'), rows, about);
  assert.equal(withFigures(once, rows, about), once);
});

it('refuses a text without the marks', () => {
  assert.throws(() => withFigures('a', rows, about), /no marks/);
});

it('finds a whole block in the README: figures, a date and a machine', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const [, block] = /<!-- figures -->\n([^]*)<!-- \/figures -->/.exec(readme);
  const lines = block.trim().split('\n');
  assert.match(lines.at(-1), /^On \d{4}-\d\d-\d\d, on \d+ × .+\.$/);
  assert.ok(lines.filter((line) => line.startsWith('|')).length > 2);
});
