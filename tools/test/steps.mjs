// What `npm test` does, in order. A step is data:
//   name     for `--only` and for `needs`; a `--only` of `browsers` takes all `browsers-…`
//   title, where   its row in the table
//   command  the program and its arguments, or a function giving them when the step's turn comes
//   run      instead of `command`: an async function `(context, log) => exit code`
//   wasm     true for cargo on wasm32: it gets the environment for that
//   tests    true for a runner of tests: a run in which none ran is a failure
//   needs    names of steps without whose success it cannot run
//   ci       true for what takes minutes: it runs where `CI` is set, or by its name
//   engine   the browser engine it needs; `ENGINE` in its environment
//   beside   true for what mostly waits: the steps after it do not wait for its end

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../paths.mjs';
import { wasmTests } from './wasm.mjs';

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

const engines = [
  ['chromium', 'Chromium'],
  ['firefox', 'Firefox'],
  ['webkit', 'WebKit'],
];

export const steps = [
  {
    name: 'format-rust',
    title: 'format of Rust',
    where: 'host',
    command: ['cargo', 'fmt', '--all', '--check'],
  },
  {
    name: 'format-web',
    title: 'format of everything else',
    where: 'host',
    command: [node, prettier, '--check', '.'],
  },
  {
    name: 'lint-tools',
    title: 'lints of JavaScript',
    where: 'host',
    command: [node, oxlint],
  },
  {
    name: 'lint-host',
    title: 'lints of Rust',
    where: 'host',
    command: ['cargo', 'clippy', '--workspace', '--all-targets', '--', '-D', 'warnings'],
  },
  {
    name: 'lint-wasm',
    title: 'lints of Rust',
    where: 'wasm32',
    wasm: true,
    command: ['cargo', 'clippy', ...shipped, ...wasm32, '--', '-D', 'warnings'],
  },
  {
    name: 'unit',
    title: 'unit, property and emulator tests',
    where: 'host',
    tests: true,
    // The module's own tests run in browsers.
    command: ['cargo', 'test', '--workspace', '--exclude', 'stable-audio-client'],
  },
  {
    name: 'fuzz',
    title: 'fuzzing of the readers, 20 s',
    where: 'host',
    command: [node, join('tools', 'fuzz.mjs'), '--seconds', '20'],
  },
  {
    name: 'package',
    title: 'build of the package',
    where: 'host',
    command: [node, join('tools', 'build.mjs')],
  },
  {
    name: 'panics',
    title: 'panic paths of the module',
    where: 'host',
    needs: ['package'],
    command: [node, join('tools', 'panics.mjs')],
  },
  {
    name: 'size',
    title: 'weight of one job',
    where: 'bundled',
    needs: ['package'],
    command: [node, join('tools', 'size.mjs'), '--gate'],
  },
  {
    name: 'emulator',
    title: 'build of the emulator',
    where: 'host',
    command: [node, join('tools', 'emulator.mjs')],
  },
  {
    name: 'http3',
    title: 'build of the HTTP/3 server for tests',
    where: 'host',
    command: [node, join('tests', 'browser', 'faults', 'http3.mjs')],
  },
  {
    name: 'reproducible',
    title: 'the same bytes from another folder',
    where: 'host',
    needs: ['package'],
    command: [node, join('tools', 'release', 'reproducible.mjs')],
  },
  {
    name: 'audit',
    title: 'advisories, licences and sources of what is used',
    where: 'host',
    command: [node, join('tools', 'audit.mjs')],
  },
  {
    name: 'types-package',
    title: 'types of the package',
    where: 'host',
    needs: ['package'],
    command: [node, tsc, '--project', 'js'],
  },
  {
    name: 'types',
    title: 'types as users see them',
    where: 'TypeScript 5, 6, 7',
    tests: true,
    needs: ['package'],
    command: () => nodeTests('tests/types'),
  },
  {
    name: 'publint',
    title: 'manifest of the package (publint)',
    where: 'packed',
    needs: ['package'],
    command: [node, publint, '--strict'],
  },
  {
    name: 'attw',
    title: 'types of the entries (attw)',
    where: 'packed',
    needs: ['package'],
    // The module is a file, not JavaScript.
    command: [node, attw, '--pack', '--profile', 'esm-only', '--exclude-entrypoints', './core.wasm'],
  },
  {
    name: 'tools',
    title: 'tests of tools',
    where: 'Node',
    tests: true,
    command: () => nodeTests('tests/tools'),
  },
  {
    name: 'node',
    title: 'tests of the packed package',
    where: 'Node',
    tests: true,
    needs: ['package', 'emulator'],
    command: () => nodeTests('tests/node'),
  },
  {
    name: 'server',
    title: 'tests of the server half',
    where: 'Node, workerd',
    tests: true,
    needs: ['package', 'emulator'],
    command: () => nodeTests('tests/server'),
  },
  {
    name: 'jobs',
    title: 'tests of durable jobs',
    where: 'Node',
    tests: true,
    needs: ['package'],
    command: () => nodeTests('tests/jobs'),
  },
  {
    name: 'consumers',
    title: 'the fast rows of `npm run matrix`',
    where: 'fresh projects',
    needs: ['package', 'emulator'],
    command: [node, join('tools', 'matrix.mjs'), '--core'],
  },
  ...engines.map(([engine, where]) => ({
    name: `wasm-${engine}`,
    title: 'tests of the module',
    where,
    engine,
    wasm: true,
    tests: true,
    run: wasmTests,
  })),
  {
    name: 'lifetime',
    title: 'a background that dies seven times in one job',
    where: 'Chromium',
    engine: 'chromium',
    ci: true,
    beside: true,
    tests: true,
    needs: ['package', 'emulator'],
    command: () => nodeTests('tests/extension/lifetime'),
  },
  ...engines.flatMap(([engine, where]) => [
    {
      name: `browsers-${engine}-readme`,
      title: 'the README in a browser',
      where,
      engine,
      beside: true,
      tests: true,
      needs: ['package', 'emulator'],
      command: () => nodeTests('tests/browser', (name) => name === readme),
    },
    {
      name: `browsers-${engine}`,
      title: 'browser tests',
      where,
      engine,
      tests: true,
      needs: ['package', 'emulator', 'http3'],
      command: () => nodeTests('tests/browser', (name) => name !== readme),
    },
  ]),
  ...engines.slice(0, 2).map(([engine, where]) => ({
    name: `extension-${engine}`,
    title: 'tests of the extension',
    where,
    engine,
    tests: true,
    needs: ['package', 'emulator'],
    command: () => nodeTests('tests/extension'),
  })),
];

/** The steps that `only` names, and those they need. */
export function chosen(only) {
  if (only === undefined) return steps.filter(({ ci }) => !ci || process.env.CI);
  const names = new Set();
  const add = (step) => {
    names.add(step.name);
    for (const need of step.needs ?? []) add(steps.find(({ name }) => name === need));
  };
  steps.filter(({ name }) => name === only || name.startsWith(`${only}-`)).forEach(add);
  if (names.size === 0) {
    throw new Error(`--only: one of ${steps.map(({ name }) => name).join(', ')}`);
  }
  return steps.filter(({ name }) => names.has(name));
}

// One file after the other: two browsers at once would slow each other down.
function nodeTests(folder, admits = () => true) {
  const files = readdirSync(join(root, folder)).filter((name) => name.endsWith('.test.mjs') && admits(name));
  const flags = ['--test', '--test-concurrency=1', '--test-reporter=spec'];
  return [node, ...flags, ...files.map((name) => join(folder, name))];
}
