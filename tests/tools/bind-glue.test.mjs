import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import binaryen from 'binaryen';

import { bindGlue } from '../../tools/build/bind-glue.mjs';
import { shortenNames } from '../../tools/build/optimise.mjs';

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
export function connect() {
  return { last: () => wasm.client_last(), started: () => new Uint8Array(wasm.memory.buffer)[0] };
}`;

let folder;
let shortened;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stable-audio-glue-'));
  const file = join(folder, 'module.wasm');
  const module = binaryen.parseText(source);
  await writeFile(file, module.emitBinary());
  module.dispose();
  const names = await shortenNames(file, file);
  shortened = { bytes: await readFile(file), names };
});
after(() => rm(folder, { recursive: true, force: true }));

const url = (code) => `data:text/javascript,${encodeURIComponent(code)}`;

/** The module, and the glue for one instance of it. */
async function bound(given = glue) {
  const { module, binding } = await bindGlue(shortened.bytes, given, shortened.names);
  const own = url('export const setTimeout = undefined, clearTimeout = undefined, streamed = undefined;');
  const file = await import(url(binding.replaceAll(/'\.\.\/\.\.\/js\/\w+\.js'/g, `'${own}'`)));
  return { module: await WebAssembly.compile(module), instance: file.bind };
}

test('glue and module find each other by their short names', async () => {
  const { module, instance } = await bound();
  const names = [...WebAssembly.Module.imports(module), ...WebAssembly.Module.exports(module)].map(({ name }) => name);
  assert.deepEqual(
    names.filter((name) => name.length > 2),
    [names.at(-1)],
  );
  const { connect, imports: given, start } = instance();
  const { exports } = await WebAssembly.instantiate(module, given);
  start(exports);
  assert.equal(connect().started(), 1);
  assert.equal(connect().last(), 60);
});

test('each instance has glue of its own', async () => {
  const { module, instance } = await bound();
  const [one, other] = [instance(), instance()];
  const { exports } = await WebAssembly.instantiate(module, one.imports);
  one.start(exports);
  assert.equal(one.connect().last(), 60);
  assert.throws(() => other.connect().last(), TypeError);
});

test('the glue of another version does not start the module', async () => {
  const { module, instance } = await bound();
  const { imports: given } = instance();
  const other = await bound(`${glue}\n// another`);
  const { exports } = await WebAssembly.instantiate(module, given);
  assert.throws(() => other.instance().start(exports), TypeError);
});

test('what the glue does not ask for is no longer exported', async () => {
  const { module } = await bound();
  const kinds = WebAssembly.Module.exports(module).map(({ kind }) => kind);
  assert.deepEqual(kinds, ['memory', 'function', 'function']);
});
