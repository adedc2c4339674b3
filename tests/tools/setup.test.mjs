// The set-up, on a machine whose programs are stand-ins that note how they are called.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

import { freePort } from '../support/free-port.mjs';
import { root } from '../../tools/paths.mjs';
import { capture } from '../../tools/run.mjs';

const key = 'a-key-of-the-service';
const compiles = '';
const lacksLibrary = `echo "error[E0463]: can't find crate for 'core'" >&2; exit 1`;
const otherCompilers = `echo "error[E0514]: found crate 'core' compiled by an incompatible version of rustc" >&2; exit 1`;
const broken = 'echo "error: rustup could not choose a version of rustc to run" >&2; exit 1';
const missing = `echo "error: toolchain '1.0.0' is not installed" >&2; exit 1`;
const unreachable = 'echo "error: component download failed for rust-std" >&2; exit 1';
const unsupported = `echo "error: toolchain 'custom' does not support target" >&2; exit 1`;

describe('the set-up', { skip: process.platform === 'win32' && 'its stand-ins are shell scripts' }, () => {
  let folder;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stable-audio-set-up-'));
    await writeFile(join(folder, 'called'), '');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('takes the usual compiler where that has the target, and asks nothing else', async () => {
    const { output, called } = await wasmTarget({ rustc: compiles });
    assert.equal(output, '{}');
    assert.deepEqual(programs(called), ['rustc']);
  });

  it('reports a compiler that does not work, and installs nothing beside it', async () => {
    const { output, called } = await wasmTarget({ rustc: broken });
    assert.match(output, /rustc does not work here: error: rustup could not choose a version/);
    assert.deepEqual(programs(called), ['rustc']);
  });

  it('reports a compiler that is not there, and installs nothing in its place', async () => {
    const { output, called } = await wasmTarget({});
    assert.match(output, /rustc does not work here: .*ENOENT/);
    assert.deepEqual(programs(called), []);
  });

  for (const [what, lacks] of Object.entries({ lacksLibrary, otherCompilers })) {
    it(`has rustup add the target, and installs nothing: ${what}`, async () => {
      const rustc = `[ -e "$HERE/added" ] && exit 0; ${lacks}`;
      const { output, called } = await wasmTarget({ rustc, add: ': > "$HERE/added"' });
      assert.equal(output, '{}');
      assert.ok(!programs(called).includes('apt-get'), called);
    });
  }

  it('reports a compiler that does not work with the target that rustup has added', async () => {
    const { output, called } = await wasmTarget({ rustc: lacksLibrary, add: '' });
    assert.match(output, /does not work with the target that rustup has added: error\[E0463\]/);
    assert.ok(!programs(called).includes('apt-get'), called);
  });

  it('reports why rustup refuses the target, and installs no second compiler for that', async () => {
    const { output, called } = await wasmTarget({ rustc: lacksLibrary, add: unsupported });
    assert.match(output, /is missing: .* \(error: toolchain 'custom' does not support target\)/);
    assert.ok(!programs(called).includes('apt-get'), called);
  });

  it('installs of Debian only what is not there, where rustup cannot download', async () => {
    const rustc = `[ "$RUSTUP_TOOLCHAIN" = debian ] && [ -e "$HERE/linked" ] && exit 0; ${lacksLibrary}`;
    const { output, called } = await wasmTarget({ rustc, add: unreachable });
    assert.match(output, /"RUSTUP_TOOLCHAIN":"debian"/);
    const [, packages] = /apt-get install .*--no-install-recommends (.*)/.exec(called);
    assert.equal(packages, 'rustc-web cargo-web rust-web-clippy rustfmt-web lld-19');
  });

  it('asks apt for nothing where every package is there', async () => {
    const rustc = `[ "$RUSTUP_TOOLCHAIN" = debian ] && [ -e "$HERE/linked" ] && exit 0; ${lacksLibrary}`;
    const { called } = await wasmTarget({ rustc, add: unreachable, dpkg: 'printf installed' });
    assert.ok(!programs(called).includes('apt-get'), called);
  });

  it('takes the compiler that the user has where rustup cannot provide the one that is asked for', async () => {
    await stub({ rustc: `[ "$RUSTUP_TOOLCHAIN" = usual ] && exit 0; ${missing}` });
    assert.equal(await chosenToolchain(), 'usual');
    await stub({ rustc: broken });
    assert.equal(await chosenToolchain(), 'none');
  });

  it('leaves the choice of the compiler to rustup where that has it, and to the user who names one', async () => {
    await stub({ rustc: compiles });
    assert.equal(await chosenToolchain(), 'none');
    assert.equal(await chosenToolchain({ RUSTUP_TOOLCHAIN: 'own' }), 'own');
    assert.deepEqual(programs(await readFile(join(folder, 'called'), 'utf8')), ['rustc']);
  });

  it('hands the key of the service to no program that `npm start` starts', async () => {
    await stub({ rustc: compiles, cargo: 'exit 1' });
    const start = ['tools/start.mjs', '--port', String(await freePort())];
    const env = { ...environment(), AIMLAPI_KEY: key, STABLE_AUDIO_TOOLS: join(folder, 'tools') };
    const { code, output } = await capture(process.execPath, start, { cwd: root, env });
    assert.equal(code, 1);
    assert.match(output, /cargo install/);
    const called = await readFile(join(folder, 'called'), 'utf8');
    assert.deepEqual([...new Set(programs(called))], ['rustc', 'cargo']);
    assert.ok(!called.includes(key) && !called.includes('AIMLAPI_KEY'), 'it is in the environment of a program');
  });

  async function wasmTarget(does) {
    await stub(does);
    const script = `process.getuid = () => 0;
      const { wasmTarget } = await import(${JSON.stringify(moduleOf('wasm-target'))});
      console.log = () => {};
      process.stdout.write(await wasmTarget().then(JSON.stringify, String));`;
    const options = { cwd: folder, env: environment() };
    const { output } = await capture(process.execPath, ['--input-type=module', '-e', script], options);
    return { output, called: await readFile(join(folder, 'called'), 'utf8') };
  }

  async function chosenToolchain(variables) {
    const script = `const { toolchain } = await import(${JSON.stringify(moduleOf('toolchain'))});
      console.log = () => {};
      await toolchain();
      process.stdout.write(process.env.RUSTUP_TOOLCHAIN ?? 'none');`;
    const options = { cwd: folder, env: { ...environment(), ...variables } };
    return (await capture(process.execPath, ['--input-type=module', '-e', script], options)).output;
  }

  /** The programs of the machine; each notes its call and its environment, and does what it is told. */
  async function stub({ rustc, cargo = '', add = '', dpkg = '[ "$3" = rust-web-src ] && printf installed' }) {
    const rustup = `case "$1 $2" in
      "target add") ${add || ':'} ;;
      "default ") echo "usual (default)" ;;
      "toolchain list") [ -e "$HERE/linked" ] && echo debian ;;
      "toolchain link") : > "$HERE/linked" ;;
    esac`;
    const all = { rustc, cargo, rustup, 'apt-get': '', 'dpkg-query': dpkg };
    for (const [name, does] of Object.entries(all)) {
      if (does === undefined) continue;
      const note = `{ echo "> ${name} $*"; export -p; } >> "$HERE/called"`;
      await writeFile(join(folder, name), `#!/bin/sh\n${note}\n${does}\n`, { mode: 0o755 });
    }
  }

  function environment() {
    return { PATH: folder, HERE: folder, HOME: folder, TMPDIR: folder };
  }
});

function moduleOf(name) {
  return pathToFileURL(join(root, 'tools', 'setup', `${name}.mjs`));
}

function programs(called) {
  return [...called.matchAll(/^> (\S+)/gm)].map(([, name]) => name);
}
