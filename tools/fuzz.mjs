// `npm run fuzz -- --seconds N`: feeds the readers of foreign values with libFuzzer, guided by
// coverage, on the stable compiler. `--target NAME` takes one target; `--keep` adds to the corpus
// in the tree whatever reached something new.

import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import { main } from './main.mjs';
import { root } from './paths.mjs';
import { capture, run, step, which } from './run.mjs';
import { canInstall, install } from './setup/debian.mjs';

/** The targets, and how much of the time each gets. */
const shares = { call: 4, reply: 3, snapshot: 2, options: 2, endpoint: 0.5, headers: 0.5 };

const crate = join(root, 'tests', 'fuzz');
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
const work = join(target, 'fuzz-inputs');

// What cargo-fuzz passes too: LLVM counts the edges and shows libFuzzer the comparisons.
const coverage = [
  '-Cpasses=sancov-module',
  ...[
    'sanitizer-coverage-level=4',
    'sanitizer-coverage-inline-8bit-counters',
    'sanitizer-coverage-pc-table',
    'sanitizer-coverage-trace-compares',
  ].map((option) => `-Cllvm-args=-${option}`),
];

await main(import.meta.url, async () => {
  const { seconds, names, keep } = options();
  if (process.platform === 'win32') {
    console.log('libFuzzer is not built on Windows; `cargo test -p fuzz` tries the corpus');
    return;
  }
  const program = await build();
  const results = [];
  const whole = names.reduce((sum, name) => sum + shares[name], 0);
  for (const name of names) {
    results.push(await fuzz(program, name, Math.max(1, Math.round((seconds * shares[name]) / whole))));
    if (keep) await minimise(program, name);
  }
  console.log(`\n${table(results)}`);
  const crashes = results.reduce((sum, result) => sum + result.crashes.length, 0);
  for (const { name, crashes: files } of results) {
    for (const file of files) console.log(`✗ ${name}: FUZZ_TARGET=${name} ${program} ${file}`);
  }
  if (crashes > 0) throw new Error(`${crashes} inputs break a property`);
});

function options() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      target: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0 && seconds < Infinity)) throw new Error('--seconds: a number above 0');
  const all = Object.keys(shares);
  if (values.target !== undefined && !all.includes(values.target)) {
    throw new Error(`--target: one of ${all.join(', ')}`);
  }
  return { seconds, names: values.target ? [values.target] : all, keep: values.keep };
}

async function build() {
  if (!which('c++') && !which('g++')) {
    if (!canInstall()) throw new Error('a C++ compiler is missing: libFuzzer is built from its source');
    await step('installing a C++ compiler, for libFuzzer', () => install(['g++']));
  }
  const { output } = await capture('rustc', ['-vV']);
  const [, host] = /^host: (.+)$/m.exec(output) ?? [];
  if (!host) throw new Error('rustc is missing: install Rust from https://rustup.rs');
  // With `--target`, the flags are for the fuzzed crates and not for their build scripts.
  const flags = ['--target', host, '--target-dir', target, '--quiet', '--locked'];
  const what = ['--package', 'fuzz', '--features', 'libfuzzer', '--profile', 'fuzz'];
  await step('building the fuzz targets (libFuzzer the first time, half a minute)', () =>
    run('cargo', ['build', ...what, ...flags], {
      cwd: root,
      env: { ...process.env, CARGO_ENCODED_RUSTFLAGS: coverage.join('\u001f') },
    }),
  );
  return join(target, host, 'fuzz', 'fuzz');
}

async function fuzz(program, name, seconds) {
  const found = join(work, name);
  const broken = join(work, 'crashes', name);
  await mkdir(found, { recursive: true });
  await mkdir(broken, { recursive: true });
  const before = new Set(readdirSync(broken));
  console.log(`· ${name}, ${seconds} s …`);
  const limits = [`-max_total_time=${seconds}`, '-max_len=2048', '-timeout=10', '-rss_limit_mb=1024'];
  const words = `-dict=${join(crate, 'words.dict')}`;
  const flags = [...limits, words, '-print_final_stats=1', `-artifact_prefix=${broken}/`];
  const seen = await watch(program, name, [...flags, found, join(crate, 'corpus', name)]);
  const crashes = readdirSync(broken).filter((file) => !before.has(file));
  return { name, ...seen, crashes: crashes.map((file) => join(broken, file)) };
}

// A target ends at its first crash; the others still have their turn.
function watch(program, name, args) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, FUZZ_TARGET: name };
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] });
    const seen = { executions: 0, perSecond: 0, coverage: 0, inputs: 0 };
    const tail = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      note(line, seen);
      if (!/^(#\d|\s*NEW_FUNC|INFO)/.test(line)) tail.push(line);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== 0) console.log(tail.slice(-60).join('\n'));
      resolve(seen);
    });
  });
}

function note(line, seen) {
  const progress = /^#(\d+)\s.*\bcov: (\d+) .*\bcorp: (\d+)\//.exec(line);
  const executed = /^stat::number_of_executed_units:\s*(\d+)/.exec(line);
  const speed = /^stat::average_exec_per_sec:\s*(\d+)/.exec(line);
  if (progress) [seen.executions, seen.coverage, seen.inputs] = progress.slice(1).map(Number);
  if (executed) seen.executions = Number(executed[1]);
  if (speed) seen.perSecond = Number(speed[1]);
}

/** Adds to the corpus in the tree the fewest of the inputs found that reach edges which it does not. */
async function minimise(program, name) {
  const kept = join(crate, 'corpus', name);
  if (!existsSync(kept)) await mkdir(kept, { recursive: true });
  await step(`keeping what ${name} found in ${relative(root, kept)}`, () =>
    capture(program, ['-set_cover_merge=1', '-use_counters=0', kept, join(work, name)], {
      cwd: root,
      env: { ...process.env, FUZZ_TARGET: name },
    }),
  );
}

function table(results) {
  const sum = { name: 'in sum', executions: 0, perSecond: '', coverage: '', inputs: 0, crashes: [] };
  for (const { executions, inputs, crashes } of results) {
    sum.executions += executions;
    sum.inputs += inputs;
    sum.crashes.push(...crashes);
  }
  const head = ['executions', 'a second', 'edges', 'inputs', 'crashes'].map((word) => word.padStart(13));
  return [''.padEnd(10) + head.join(''), ...[...results, sum].map(row)].join('\n');
}

function row({ name, executions, perSecond, coverage: edges, inputs, crashes }) {
  const cells = [executions, perSecond, edges, inputs, crashes.length];
  return name.padEnd(10) + cells.map((cell) => say(cell).padStart(13)).join('');
}

function say(value) {
  return typeof value === 'number' ? value.toLocaleString('en') : value;
}
