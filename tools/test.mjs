// `npm test`: sets up what is missing, then runs every step of `test/steps.mjs`, to the end even
// if one fails, and prints one table. `npm test -- --only NAME` runs one step, or one kind of step.

import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';

import { main } from './main.mjs';
import { root } from './paths.mjs';
import { seconds } from './run.mjs';
import { advice, engines } from './setup/browsers.mjs';
import { setUpTests } from './setup.mjs';
import { closingLines, counts, sayCounts, table } from './test/report.mjs';
import { chosen } from './test/steps.mjs';

const logs = join(root, 'target', 'test-logs');
const stepTimeoutMs = 20 * 60_000;

await main(import.meta.url, async () => {
  const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;
  const selected = chosen(only);
  const begun = performance.now();
  const context = { wasmEnv: await setUpTests(), engines: engines(), follow: only !== undefined };
  await mkdir(logs, { recursive: true });
  const results = [];
  const beside = [];
  for (const step of selected) {
    const performed = perform(step, context, results).then((result) => results.push(result));
    if (step.beside) beside.push(performed);
    else await performed;
  }
  await Promise.all(beside);
  results.sort((a, b) => selected.indexOf(a.step) - selected.indexOf(b.step));
  summarise(results, performance.now() - begun);
});

async function perform(step, context, results) {
  const lacking = (step.needs ?? []).find((need) => results.some((r) => r.step.name === need && !r.ok));
  if (lacking) return { step, ok: false, result: `not run: ${lacking} failed` };
  if (step.engine && !context.engines[step.engine]) {
    // A person may lack an engine; where everything must run, nothing may be left out.
    return { step, ok: !process.env.CI, result: `not run: ${advice(step.engine)}` };
  }
  if (!step.beside) sayBegun(step);
  const start = performance.now();
  const { code, output } = await execute(step, context);
  const ms = performance.now() - start;
  const { ok, result, numbers } = judge(step, code, output);
  if (step.beside) sayBegun(step);
  closingLines(output).forEach((line) => console.log(`  ${line}`));
  if (!ok && !context.follow) showTail(step, output);
  console.log(`${ok ? '✓' : '✗'} ${step.title} · ${step.where}: ${result}, ${seconds(ms)}`);
  return { step, ok, result, ms, numbers };
}

function sayBegun({ title, where, name }) {
  console.log(`\n▶ ${title} · ${where} (${name})`);
}

function judge(step, code, output) {
  const ok = code === 0;
  if (!step.tests) return { ok, result: ok ? 'ok' : `failed (${code})` };
  const numbers = counts(output);
  if (numbers.passed + numbers.failed === 0) {
    return { ok: false, result: ok ? 'failed: no test ran' : `failed (${code})` };
  }
  return {
    ok,
    result: sayCounts(numbers) + (ok || numbers.failed > 0 ? '' : ` (${code})`),
    numbers,
  };
}

async function execute(step, context) {
  const log = createWriteStream(logFile(step));
  let output = '';
  const keep = (chunk) => {
    output += chunk;
    log.write(chunk);
    if (context.follow) process.stdout.write(chunk);
  };
  const base = step.wasm ? context.wasmEnv : process.env;
  const env = step.engine ? { ...base, ENGINE: step.engine } : base;
  const start = (command, variables) => spawned(command, variables, keep);
  let code;
  try {
    if (step.run) {
      const browser = context.engines[step.engine];
      code = await step.run({ engine: step.engine, browser, env, start });
    } else {
      const command = typeof step.command === 'function' ? step.command() : step.command;
      code = await start(command, env);
    }
  } catch (error) {
    keep(`${error.stack}\n`);
    code = error.message;
  }
  log.end();
  return { code, output };
}

function spawned([program, ...args], env, keep) {
  return new Promise((resolve, reject) => {
    const stdio = ['ignore', 'pipe', 'pipe'];
    const child = spawn(program, args, { cwd: root, env, stdio, timeout: stepTimeoutMs });
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
}

function showTail(step, output) {
  const lines = output.trimEnd().split('\n');
  console.log(lines.slice(-80).join('\n'));
  if (lines.length > 80) console.log(`  … all of it: ${relative(root, logFile(step))}`);
}

function logFile({ name }) {
  return join(logs, `${name}.log`);
}

function summarise(results, ms) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { numbers } of results) {
    for (const name of Object.keys(numbers ?? {})) sum[name] += numbers[name];
  }
  const failed = results.filter(({ ok }) => !ok);
  console.log(`\n${table(results)}\n\nall of it, set-up included: ${seconds(ms)}`);
  for (const { step } of failed) console.log(`✗ ${step.title} · ${step.where} (--only ${step.name})`);
  console.log(sayCounts(sum));
  process.exitCode = failed.length > 0 ? 1 : 0;
}
