import assert from 'node:assert/strict';
import { test } from 'node:test';

import binaryen from 'binaryen';

import { snip } from '../../tools/build/snip.mjs';

function binary(...fields) {
  const module = binaryen.parseText(`(module ${fields.join(' ')})`);
  binaryen.setDebugInfo(true);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

function text(bytes) {
  const module = binaryen.readBinary(bytes);
  const written = module.emitText();
  module.dispose();
  return written;
}

const perhaps = (code) => `(if (local.get 0) (then ${code}))`;
const exported = (name, code) => `(func $${name} (export "${name}") (param i32) ${code})`;
const panic = '(func $core::panicking::panic (param i32) (global.set $seen (local.get 0)) (unreachable))';
const seen = '(global $seen (mut i32) (i32.const 0))';

test('cuts a panic at its beginning', async () => {
  const snipped = await snip(
    binary(seen, panic, exported('ours::check', perhaps('(call $core::panicking::panic (i32.const 1))'))),
  );
  const { instance } = await WebAssembly.instantiate(snipped);
  assert.doesNotMatch(text(snipped), /global\.set/);
  assert.equal(instance.exports['ours::check'](0), undefined);
  assert.throws(() => instance.exports['ours::check'](1), WebAssembly.RuntimeError);
});

test('cuts what writes the message, which a table still holds', async () => {
  const format = '<&str as core[0123456789abcdef]::fmt::Display>::fmt';
  const table = `(table 1 funcref) (elem (i32.const 0) $"${format}")`;
  const snipped = await snip(binary(seen, table, `(func $"${format}" (global.set $seen (i32.const 1)))`));
  assert.doesNotMatch(text(snipped), /global\.set/);
});

test('leaves what comes back, and what ends in JavaScript', async () => {
  const throws = '(import "glue" "__wbg___wbindgen_throw_1" (func $throw (param i32)))';
  const fails = '(func $core::fails (call $throw (i32.const 1)) (unreachable))';
  const adds = '(func $core::adds (global.set $seen (i32.const 1)))';
  const snipped = await snip(
    binary(throws, seen, fails, adds, exported('ours::f', '(call $core::adds) (call $core::fails)')),
  );
  assert.match(text(snipped), /\(func \$core::fails[^)]*\n\s*\(call \$throw/);
  assert.match(text(snipped), /\(func \$core::adds[^)]*\n\s*\(global\.set/);
});

test('leaves what panics in a crate of ours', async () => {
  const snipped = await snip(
    binary(seen, '(func $ours::stop (export "stop") (global.set $seen (i32.const 1)) (unreachable))'),
  );
  assert.match(text(snipped), /global\.set \$seen/);
});

test('refuses a module that formats outside a panic', async () => {
  const format = '(func $core::fmt::write (param i32) (global.set $seen (local.get 0)))';
  const says = exported('ours::say', '(call $core::fmt::write (local.get 0))');
  await assert.rejects(
    snip(binary(seen, format, says)),
    /ours::say formats text outside a panic, with core::fmt::write/,
  );
});
