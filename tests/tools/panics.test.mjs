import assert from 'node:assert/strict';
import { test } from 'node:test';

import binaryen from 'binaryen';

import { readModule } from '../../tools/panics/module.mjs';
import { crateOf, panicPaths } from '../../tools/panics/paths.mjs';

const panics = '(func $core::panic (param i32) (unreachable))';
const fails = '(func $core::unwrap_failed (call $core::panic (i32.const 1)))';

async function paths(...fields) {
  const module = binaryen.parseText(`(module ${[panics, fails, ...fields].join(' ')})`);
  binaryen.setDebugInfo(true);
  const found = panicPaths(await readModule(module.emitBinary()));
  module.dispose();
  return found.map(({ from, to }) => `${from} → ${to}`);
}

const exported = (name, body) => `(func $${name} (export "${name}") (param i32) ${body})`;
const perhaps = (body) => `(if (local.get 0) (then ${body}))`;

test('names the function that may panic, and what it calls for it', async () => {
  const found = await paths(exported('ours::check', perhaps('(call $core::unwrap_failed)')));
  assert.deepEqual(found, ['ours::check → core::unwrap_failed']);
});

test('names a function that traps by itself', async () => {
  const found = await paths(exported('ours::check', perhaps('(unreachable)')));
  assert.deepEqual(found, ['ours::check → trap']);
});

test('lays a panic in the standard library to its callers', async () => {
  const join = `(func $core::join (param i32) ${perhaps('(call $core::unwrap_failed)')})`;
  const found = await paths(join, exported('ours::say', '(call $core::join (local.get 0))'));
  assert.deepEqual(found, ['ours::say → core::unwrap_failed']);
});

test('leaves out what nothing reaches, and what comes after a panic or a jump', async () => {
  const dead = `(func $ours::dead (param i32) ${perhaps('(call $core::unwrap_failed)')})`;
  const after = exported('ours::after', '(block $out (br $out) (call $core::unwrap_failed))');
  assert.deepEqual(await paths(dead, after), []);
});

test('follows the table by the type of the call', async () => {
  const found = await paths(
    '(table funcref (elem $ours::one $ours::other))',
    '(type $one (func (param i32)))',
    `(func $ours::one (param i32) ${perhaps('(call $core::unwrap_failed)')})`,
    `(func $ours::other (param i32 i32) ${perhaps('(call $core::unwrap_failed)')})`,
    exported('ours::call', '(call_indirect (type $one) (local.get 0) (i32.const 0))'),
  );
  assert.deepEqual(found, ['ours::one → core::unwrap_failed']);
});

test('gives glue and generics to the crate that they are made for', () => {
  assert.equal(crateOf('core::ptr::drop_in_place<alloc::rc::Rc<protocol::endpoint::Endpoint>>'), 'protocol');
  assert.equal(crateOf('<alloc::string::String as core::clone::Clone>::clone'), 'alloc');
  assert.equal(crateOf('__wbindgen_malloc'), 'glue of wasm-bindgen');
});
