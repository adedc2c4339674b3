// How `npm run size` accounts for bytes, and when its gate closes.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import binaryen from 'binaryen';

import { crates, functions } from '../../tools/size/functions.mjs';
import { boundFor, problemOf } from '../../tools/size/gate.mjs';
import { sections } from '../../tools/size/sections.mjs';
import { weigh, without } from '../../tools/size/weigh.mjs';

/** A module, with its functions' names and without, and the map of these names; functions in parentheses. */
function modules(...fields) {
  const parsed = binaryen.parseText(`(module (import "js" "log" (func $log)) ${fields.join(' ')})`);
  const names = Array.from({ length: parsed.getNumFunctions() }, (_, index) => {
    return binaryen.getFunctionInfo(parsed.getFunctionByIndex(index)).name;
  });
  const [plain, named] = [false, true].map((debug) => {
    binaryen.setDebugInfo(debug);
    return parsed.emitBinary();
  });
  parsed.dispose();
  return { plain, named, symbols: names.map((name, number) => `${number}:${name}\n`).join('') };
}

const large = '(func $protocol::reply::read (export "a") (call $log) (call $log) (call $log))';
const small = '(func $core::fmt::write (export "b") (call $log))';
const sum = (numbers) => Object.values(numbers).reduce((total, bytes) => total + bytes, 0);

const names = (bytes) => sections(bytes).map(({ name }) => name);

describe('the reader of modules', () => {
  it('leaves no byte of a module out', () => {
    const { plain, named } = modules(large, small);
    for (const bytes of [plain, named]) {
      assert.equal(sum(sections(bytes).map((one) => one.bytes)), bytes.length);
    }
  });

  it('calls a custom section by its own name', () => {
    const { plain, named } = modules(large);
    assert.ok(names(plain).includes('code') && !names(plain).includes('name'));
    assert.ok(names(named).includes('name'));
  });

  it('refuses a module that is cut off', () => {
    const { plain } = modules(large);
    assert.throws(() => sections(plain.subarray(0, -1)), /ends too soon/);
  });
});

describe('the account of the code', () => {
  it('names the functions, the largest first', async () => {
    const { plain, symbols } = modules(small, large);
    const found = await functions(plain, symbols);
    assert.deepEqual(
      found.map(({ name }) => name),
      ['protocol::reply::read', 'core::fmt::write'],
    );
    assert.ok(found[0].bytes > found[1].bytes);
  });

  it('gives every byte of the section to a crate or to the header', async () => {
    const { plain, symbols } = modules(large, small);
    const sums = crates(await functions(plain, symbols), plain);
    assert.deepEqual(Object.keys(sums), ['protocol', 'core', "the section's header"]);
    assert.equal(sum(sums), sections(plain).find(({ name }) => name === 'code').bytes);
  });

  it('lays what has no name to those that call it', async () => {
    const shared = '(func (param i32) (drop (i32.mul (local.get 0) (i32.const 7))))';
    const callers = ['ours::one', 'ours::two'].map(
      (name) => `(func $${name} (export "${name}") (call 3 (i32.const 1)))`,
    );
    const { plain, symbols } = modules(...callers, shared);
    const found = await functions(plain, symbols);
    const { crate } = found.find(({ name }) => name === 'shared by ours::one, ours::two');
    assert.equal(crate, 'ours');
  });

  it("gives the package's methods to the crate that exports them, not to the glue", async () => {
    const glue = ['client_check externref shim', 'client_new', '__wbindgen_malloc'];
    const { plain, symbols } = modules(...glue.map((name) => `(func $"${name}" (export "${name}"))`));
    const found = await functions(plain, symbols);
    const owners = Object.fromEntries(found.map(({ name, crate }) => [name, crate]));
    assert.deepEqual(
      glue.map((name) => owners[name]),
      ['stable_audio_client', 'stable_audio_client', 'glue of wasm-bindgen'],
    );
  });

  it('refuses names of another module', async () => {
    const { plain } = modules(large, small);
    const { symbols } = modules(large);
    await assert.rejects(functions(plain, symbols), /do not fit/);
  });
});

describe('a weight', () => {
  it('is the sum of files that are packed each by itself', () => {
    const bytes = Buffer.from('rain on a tin roof '.repeat(50));
    const { raw, gzip, brotli } = weigh(bytes);
    assert.ok(raw === 950 && gzip < raw && brotli < gzip);
    assert.deepEqual(weigh(bytes, bytes), { raw: 2 * raw, gzip: 2 * gzip, brotli: 2 * brotli });
  });

  it('can be less than its parts', () => {
    const one = { raw: 5, gzip: 4, brotli: 3 };
    assert.deepEqual(without({ raw: 9, gzip: 9, brotli: 9 }, one, one), { raw: -1, gzip: 1, brotli: 3 });
  });
});

describe('the gate', () => {
  it('is open for what is within the bound, to the byte', () => {
    assert.equal(problemOf(1000, 1000), undefined);
    assert.match(problemOf(1001, 1000), /1 too many/);
  });

  it('asks for a tighter bound where it has more than 4 % of room', () => {
    assert.equal(problemOf(1000, 1040), undefined);
    assert.match(problemOf(1000, 1041), /tighten it to 1020 /);
  });

  it('is content with the bound that it proposes', () => {
    for (const bytes of [1, 49, 50, 999, 46_631]) assert.equal(problemOf(bytes, boundFor(bytes)), undefined);
  });
});
