// A compiler for wasm32-unknown-unknown: the default toolchain if it can be had, else Debian's own.

import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { root } from '../paths.mjs';
import { capture, run, step, which } from '../run.mjs';
import { canInstall, install } from './debian.mjs';

const target = 'wasm32-unknown-unknown';

// Debian's compiler has neither the target's linker nor its standard library.
const debian = {
  RUSTUP_TOOLCHAIN: 'debian',
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: 'wasm-ld-19',
};
const debianPackages = ['rustc-web', 'cargo-web', 'rust-web-src', 'rust-web-clippy', 'rustfmt-web', 'lld-19'];

/** What rustc says where nothing is wrong but the target's standard library: none, or another compiler's. */
const lacksLibrary = /error\[E0(?:463|514)\]/;

/** What rustup says where it could not reach what it wanted to download. */
const unreachable = /could not download|download failed/i;

/** Makes the target usable; resolves to the variables that cargo needs for it, often none. */
export async function wasmTarget() {
  if (!which('cargo')) throw new Error('cargo is missing: install Rust from https://rustup.rs');
  const usual = await probe({});
  if (usual.compiles) return {};
  // Anything else is a fault of this machine's, which another compiler would only hide.
  if (!usual.lacksLibrary) throw new Error(`rustc does not work here: ${usual.reason}`);
  if (!which('rustup')) throw missing('rustup is not here');
  if ((await isLinked()) && (await probe(debian)).compiles) return debian;
  const { code, output } = await step(`asking rustup for the Rust target ${target}`, () =>
    capture('rustup', ['target', 'add', target], { cwd: root }),
  );
  if (code === 0) {
    const again = await probe({});
    if (again.compiles) return {};
    throw new Error(`rustc does not work with the target that rustup has added: ${again.reason}`);
  }
  // A rustup that can download needs no second compiler beside it.
  if (!unreachable.test(output) || !canInstall()) throw missing(errorIn(output));
  return fromDebian();
}

function missing(reason) {
  return new Error(`the Rust target ${target} is missing: \`rustup target add ${target}\` (${reason})`);
}

async function isLinked() {
  const { code, output } = await capture('rustup', ['toolchain', 'list']);
  return code === 0 && /^debian\b/m.test(output);
}

async function fromDebian() {
  await step("installing Debian's Rust compiler (the target cannot be downloaded)", async () => {
    await install(debianPackages);
    await run('rustup', ['toolchain', 'link', 'debian', '/usr']);
  });
  const linked = await probe(debian);
  if (linked.compiles) return debian;
  if (!linked.lacksLibrary) throw new Error(`Debian's rustc does not work here: ${linked.reason}`);
  await step(`building Rust's standard library for ${target}`, buildLibrary);
  return debian;
}

/** What becomes of an empty library: it compiles if the standard library is there and of this very compiler. */
async function probe(variables) {
  const out = await mkdtemp(join(tmpdir(), 'stable-audio-probe-'));
  const flags = ['--crate-type=lib', '--crate-name=probe', '--emit=metadata'];
  const { code, output } = await capture('rustc', [...flags, `--target=${target}`, '--out-dir', out, '-'], {
    cwd: root,
    env: { ...process.env, ...variables },
    input: 'pub fn probe() -> Option<u8> { None }',
  }).catch((error) => ({ code: error.code, output: error.message }));
  await rm(out, { recursive: true, force: true });
  return { compiles: code === 0, lacksLibrary: lacksLibrary.test(output), reason: errorIn(output) || `exit ${code}` };
}

function errorIn(output) {
  const lines = output.split('\n').map((line) => line.trim());
  return lines.find((line) => line.startsWith('error')) ?? lines.find(Boolean) ?? '';
}

async function buildLibrary() {
  const folder = await mkdtemp(join(tmpdir(), 'stable-audio-std-'));
  const env = {
    ...process.env,
    ...debian,
    CARGO_TARGET_DIR: join(folder, 'target'),
    CARGO_PROFILE_RELEASE_DEBUG: 'false',
    RUSTC_BOOTSTRAP: '1',
    // A cdylib with fat link-time optimisation needs the library's bitcode.
    RUSTFLAGS: '-Cembed-bitcode=yes',
  };
  await mkdir(join(folder, 'src'));
  await writeFile(join(folder, 'Cargo.toml'), '[package]\nname = "empty"\nedition = "2021"\n[workspace]\n');
  await writeFile(join(folder, 'src', 'lib.rs'), '');
  const parts = '-Zbuild-std=std,panic_abort,test';
  await run('cargo', ['build', '--quiet', '--release', '--target', target, parts], {
    cwd: folder,
    env,
  });
  await putIntoSysroot(join(folder, 'target', target, 'release', 'deps'), env);
  await rm(folder, { recursive: true, force: true });
}

async function putIntoSysroot(built, env) {
  const { output } = await capture('rustc', ['--print', 'sysroot'], { env });
  const libraries = join(output.trim(), 'lib', 'rustlib', target, 'lib');
  await rm(libraries, { recursive: true, force: true });
  await mkdir(libraries, { recursive: true });
  for (const name of await readdir(built)) {
    if (name.endsWith('.rlib') && !name.startsWith('libempty')) {
      await copyFile(join(built, name), join(libraries, name));
    }
  }
}
