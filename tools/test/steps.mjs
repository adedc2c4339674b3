// What `npm test` does. Each step starts as soon as what it needs has ended and the machine has room
// (`pool.mjs`); of those that could start, the first of the list does. A step is data:
//   name     for `--only` and for `needs`; a `--only` of `browsers` takes all `browsers-…`
//   title, where   its row in the table
//   cores    how many cores it keeps busy. That is more than CPU by time in the final table, which misses
//            some processes of the browsers: on two cores, three engines at once are no faster than two,
//            and their tests time out. 'all' for what compiles: one at a time, at a lower priority than the
//            tests beside it
//   command  the program and its arguments, or a function giving them when the step's turn comes
//   run      instead of `command`: an async function `({ engine, engines, env, start }) => exit code`
//   wasm     true for cargo on wasm32: it gets the environment for that
//   tests    true for a runner of tests: a run in which none ran is a failure
//   needs    names of steps without whose success it cannot run
//   ci       true for what takes minutes: it runs where `CI` is set, or by its name
//   engine   the browser engine it needs; `ENGINE` in its environment
//   browsers true for what needs several
//   lacks    an async function that resolves to why it cannot run on this machine, or to nothing
//   quick    false for what `--quick` leaves out, beside all that needs a browser

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../paths.mjs';
import { checkWithOldest, lacksOldest } from './oldest.mjs';
import { buildWasmTests, wasmTests } from './wasm.mjs';

const node = process.execPath;
const shipped = ['-p', 'stable-audio-client', '-p', 'stable-audio-protocol'];
const wasm32 = ['--target', 'wasm32-unknown-unknown'];
const modules = join(root, 'node_modules');
const prettier = join(modules, 'prettier', 'bin', 'prettier.cjs');
const oxlint = join(modules, 'oxlint', 'bin', 'oxlint');
const tsc = join(modules, 'typescript', 'bin', 'tsc');
const publint = join(modules, 'publint', 'src', 'cli.js');
const attw = join(modules, '@arethetypeswrong', 'cli', 'dist', 'index.js');

/** Its snippets take the service's own time, as a reader would. */
const readme = 'readme.test.mjs';
/** The recipes as texts, without a browser. */
const sources = 'sources.test.mjs';

/** The one that takes longest first. */
const engines = [
  ['firefox', 'Firefox'],
  ['chromium', 'Chromium'],
  ['webkit', 'WebKit'],
];
const withExtensions = engines.filter(([engine]) => engine !== 'webkit');

/** The module's own tests run in browsers. */
const onHost = ['--workspace', '--exclude', 'stable-audio-client'];

export const steps = [
  {
    name: 'format-rust',
    title: 'format of Rust',
    where: 'host',
    cores: 'all',
    command: ['cargo', 'fmt', '--all', '--check'],
  },
  {
    name: 'lint-tools',
    title: 'lints of JavaScript',
    where: 'host',
    cores: 'all',
    command: [node, oxlint],
  },
  {
    name: 'package',
    title: 'build of the package',
    where: 'host',
    cores: 'all',
    command: [node, join('tools', 'build.mjs')],
  },
  {
    name: 'emulator',
    title: 'build of the emulator',
    where: 'host',
    cores: 'all',
    command: [node, join('tools', 'emulator.mjs')],
  },
  {
    name: 'http3',
    title: 'build of the HTTP/3 server for tests',
    where: 'host',
    cores: 'all',
    command: [node, join('tests', 'browser', 'faults', 'http3.mjs')],
  },
  {
    name: 'wasm-build',
    title: 'build of the tests of the module',
    where: 'wasm32',
    cores: 'all',
    wasm: true,
    quick: false,
    run: buildWasmTests,
  },
  {
    name: 'unit-build',
    title: 'build of the unit, property and emulator tests',
    where: 'host',
    cores: 'all',
    command: ['cargo', 'test', ...onHost, '--no-run'],
  },
  {
    name: 'lint-host',
    title: 'lints of Rust',
    where: 'host',
    cores: 'all',
    command: ['cargo', 'clippy', '--workspace', '--all-targets', '--', '-D', 'warnings'],
  },
  {
    name: 'lint-wasm',
    title: 'lints of Rust',
    where: 'wasm32',
    cores: 'all',
    wasm: true,
    command: ['cargo', 'clippy', ...shipped, ...wasm32, '--', '-D', 'warnings'],
  },
  {
    name: 'oldest',
    title: 'the module with the oldest Rust that it promises',
    where: 'host',
    cores: 'all',
    lacks: lacksOldest,
    run: checkWithOldest,
  },
  {
    name: 'fuzz',
    title: 'fuzzing of the readers, 20 s',
    where: 'host',
    cores: 'all',
    command: [node, join('tools', 'fuzz.mjs'), '--seconds', '20'],
  },
  {
    name: 'reproducible',
    title: 'the same bytes from another folder',
    where: 'host',
    cores: 'all',
    needs: ['package'],
    quick: false,
    command: [node, join('tools', 'release', 'reproducible.mjs')],
  },
  {
    name: 'format-web',
    title: 'format of everything else',
    where: 'host',
    cores: 'all',
    command: [node, prettier, '--check', '.'],
  },
  ...inEach(engines, {
    name: 'browsers-*',
    title: 'browser tests',
    cores: 0.7,
    tests: true,
    needs: ['package', 'emulator', 'http3'],
    command: () => nodeTests('tests/browser', { admits: (name) => name !== readme, atOnce: 2 }),
  }),
  ...inEach(withExtensions, {
    name: 'extension-*',
    title: 'tests of the extension',
    cores: 0.5,
    tests: true,
    needs: ['package', 'emulator'],
    command: () => nodeTests('tests/extension'),
  }),
  {
    name: 'lifetime',
    title: 'a background that dies seven times in one job',
    where: 'Chromium',
    engine: 'chromium',
    cores: 0.1,
    ci: true,
    tests: true,
    needs: ['package', 'emulator'],
    command: () => nodeTests('tests/extension/lifetime'),
  },
  ...inEach(engines, {
    name: 'browsers-*-readme',
    title: 'the README in a browser',
    cores: 0.1,
    tests: true,
    needs: ['package', 'emulator'],
    command: () => nodeTests('tests/browser', { admits: (name) => name === readme }),
  }),
  {
    name: 'consumers',
    title: 'the fast rows of `npm run matrix`',
    where: 'fresh projects',
    cores: 0.6,
    browsers: true,
    needs: ['package', 'emulator'],
    command: [node, join('tools', 'matrix.mjs'), '--core'],
  },
  ...inEach(engines, {
    name: 'wasm-*',
    title: 'tests of the module',
    cores: 0.3,
    wasm: true,
    tests: true,
    needs: ['wasm-build'],
    run: wasmTests,
  }),
  ...inEach(engines, {
    name: 'recipes-*',
    title: 'the recipes as apps of their frameworks',
    cores: 0.7,
    tests: true,
    needs: ['package', 'emulator'],
    command: () => nodeTests('tests/recipes', { admits: (name) => name !== sources }),
  }),
  {
    name: 'recipes-sources',
    title: 'length and types of the recipes',
    where: 'TypeScript',
    cores: 1,
    tests: true,
    needs: ['package'],
    command: () => nodeTests('tests/recipes', { admits: (name) => name === sources }),
  },
  {
    name: 'server',
    title: 'tests of the server half',
    where: 'Node, workerd',
    cores: 0.5,
    tests: true,
    needs: ['package', 'emulator'],
    command: () => nodeTests('tests/server'),
  },
  {
    name: 'node',
    title: 'tests of the packed package',
    where: 'Node',
    cores: 0.3,
    tests: true,
    needs: ['package', 'emulator'],
    command: () => nodeTests('tests/node'),
  },
  {
    name: 'jobs',
    title: 'tests of durable jobs',
    where: 'Node',
    cores: 0.8,
    tests: true,
    needs: ['package'],
    command: () => nodeTests('tests/jobs'),
  },
  {
    name: 'unit',
    title: 'unit, property and emulator tests',
    where: 'host',
    cores: 1,
    tests: true,
    needs: ['unit-build'],
    command: ['cargo', 'test', ...onHost],
  },
  {
    name: 'types',
    title: 'types as users see them',
    where: 'TypeScript 5, 6, 7',
    cores: 'all',
    tests: true,
    needs: ['package'],
    command: () => nodeTests('tests/types'),
  },
  {
    name: 'tools',
    title: 'tests of the tools',
    where: 'Node',
    cores: 1,
    tests: true,
    command: () => nodeTests('tests/tools'),
  },
  {
    name: 'types-package',
    title: 'types of the package',
    where: 'host',
    cores: 1,
    needs: ['package'],
    command: [node, tsc, '--project', 'js'],
  },
  {
    name: 'panics',
    title: 'panic paths of the module',
    where: 'host',
    cores: 1,
    needs: ['package'],
    command: [node, join('tools', 'panics.mjs')],
  },
  {
    name: 'size',
    title: 'weight of one job',
    where: 'bundled',
    cores: 1,
    needs: ['package'],
    command: [node, join('tools', 'size.mjs'), '--gate'],
  },
  {
    name: 'publint',
    title: 'manifest of the package (publint)',
    where: 'packed',
    cores: 1,
    needs: ['package'],
    command: [node, publint, '--strict'],
  },
  {
    name: 'attw',
    title: 'types of the entries (attw)',
    where: 'packed',
    cores: 1,
    needs: ['package'],
    // The module is a file, not JavaScript.
    command: [node, attw, '--pack', '--profile', 'esm-only', '--exclude-entrypoints', './core.wasm'],
  },
  {
    name: 'audit',
    title: 'advisories, licences and sources of what is used',
    where: 'host',
    cores: 0.5,
    command: [node, join('tools', 'audit.mjs')],
  },
];

// The same step in each of these engines; the `*` in its name stands for the engine.
function inEach(some, step) {
  return some.map(([engine, where]) => ({ ...step, name: step.name.replace('*', engine), where, engine }));
}

// Files of one runner share what its step was given of the machine.
function nodeTests(folder, { admits = () => true, atOnce = 1 } = {}) {
  const files = readdirSync(join(root, folder)).filter((name) => name.endsWith('.test.mjs') && admits(name));
  const flags = ['--test', `--test-concurrency=${atOnce}`, '--test-reporter=spec'];
  return [node, ...flags, ...files.map((name) => join(folder, name))];
}
