import assert from 'node:assert/strict';
import { test } from 'node:test';

import binaryen from 'binaryen';

import { bind } from '../../scripts/build/bind.mjs';
import { unexport } from '../../scripts/build/unexport.mjs';

const imported = Array.from({ length: 60 }, (_, index) => `__wbg_number_${index}`);
const imports = imported.map((name, index) => `(import "./glue.js" "${name}" (func $${index} (result i32)))`);
const source = `(module ${imports.join(' ')}
  (memory (export "memory") 1)
  (global (export "__unused") i32 (i32.const 1))
  (func (export "client_last") (result i32) (call $59))
  (func (export "__wbindgen_start") (i32.store8 (i32.const 0) (call $0))))`;
const glue = `${imported.map((name, index) => `export function ${name}() { return ${index + 1}; }`).join('\n')}
let wasm;
export function __wbg_set_wasm(given) { wasm = given; }
export class Client {
  last() { return wasm.client_last(); }
  started() { return new Uint8Array(wasm.memory.buffer)[0]; }
}`;

function binary() {
  const module = binaryen.parseText(source);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

const url = (code) => `data:text/javascript,${encodeURIComponent(code)}`;

async function bound(given = glue) {
  const { module, glue: shortened, binding } = await bind(binary(), given, 'glue.js');
  const file = binding.replaceAll('./glue.js', url(shortened));
  return { module: await WebAssembly.compile(module), ...(await import(url(file))) };
}

test('glue and module find each other by their short names', async () => {
  const { module, imports: given, start, Client } = await bound();
  const names = [...WebAssembly.Module.imports(module), ...WebAssembly.Module.exports(module)].map(({ name }) => name);
  assert.deepEqual(
    names.filter((name) => name.length > 2),
    [names.at(-1)],
  );
  const { exports } = await WebAssembly.instantiate(module, given);
  start(exports);
  assert.equal(new Client().started(), 1);
  assert.equal(new Client().last(), 60);
});

test('the glue of another version does not start the module', async () => {
  const { module, imports: given } = await bound();
  const { start } = await bound(`${glue}\n// another`);
  const { exports } = await WebAssembly.instantiate(module, given);
  assert.throws(() => start(exports), TypeError);
});

test('takes back what the glue does not ask for', async () => {
  const module = await WebAssembly.compile(await unexport(binary(), glue));
  const names = WebAssembly.Module.exports(module).map(({ name }) => name);
  assert.deepEqual(names, ['memory', 'client_last', '__wbindgen_start']);
});
