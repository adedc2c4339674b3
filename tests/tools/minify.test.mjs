import assert from 'node:assert/strict';
import { test } from 'node:test';

import { minify } from '../../tools/build/minify.mjs';

const bundle = `var Helper=class{};
var Failure=class _Failure extends Error{static make(){return new _Failure('no')}};
var Other=class extends Failure{};
export{Failure,Helper as assistant,Other};`;

test('keeps the names of exported classes, also of one that refers to itself', async () => {
  const { Failure, Other } = await import(`data:text/javascript,${encodeURIComponent(await minify(bundle))}`);
  assert.deepEqual([Failure.name, Other.name], ['Failure', 'Other']);
  assert.ok(Failure.make() instanceof Failure);
  assert.ok(new Other() instanceof Failure);
});

test('shortens every other name', async () => {
  assert.doesNotMatch(await minify(bundle), /Helper/);
});
