import assert from 'node:assert/strict';
import { it } from 'node:test';

import { aligned } from '../../tools/table.mjs';

it('puts numbers, and what stands above them, to the right', () => {
  assert.equal(
    aligned([
      ['bytes', 'of'],
      [70_661, 'all'],
      [8, 'some more'],
    ]),
    ' bytes  of\n70,661  all\n     8  some more',
  );
});

it('keeps empty cells and rows, without blanks at the end', () => {
  assert.equal(aligned([['a', 'b'], [], ['', 'c'], ['long', '']]), 'a     b\n\n      c\nlong');
});
