// Performs one step of the tests: runs it, keeps what it prints, and says in a line what came of it.

import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join, relative } from 'node:path';

import { root } from '../paths.mjs';
import { seconds } from '../run.mjs';
import { advice } from '../setup/browsers.mjs';
import { endedChildrenMs } from './cpu-time.mjs';
import { crashedFiles } from './engine-crash.mjs';
import { closingLines, counts, failedTests, sayCounts } from './report.mjs';

export const logs = join(root, 'target', 'test-logs');
const timeoutMs = 20 * 60_000;
const shownLines = 80;

/**
 * Resolves to `{ step, ok, result, ms, cpuMs, numbers }`. `context` has `engines`, the environment `wasmEnv`, and
 * `follow` where all that the step prints is to be seen at once; `results` are those of the steps before.
 */
export async function perform(step, context, results) {
  const lacking = (step.needs ?? []).find((need) => results.get(need)?.ok === false);
  if (lacking) return { step, ok: false, result: `not run: ${lacking} failed` };
  if (step.engine && !context.engines[step.engine]) {
    // A person may lack an engine; where everything must run, nothing may be left out.
    return { step, ok: !process.env.CI, result: `not run: ${advice(step.engine)}` };
  }
  const missing = await step.lacks?.();
  if (missing) return { step, ok: true, result: `not run: ${missing}` };
  const start = performance.now();
  const { code, output, cpuMs } = await execute(step, context);
  const outcome = judge(step, code, output);
  const crashed = outcome.ok || !step.engine ? [] : crashedFiles(output);
  const repeatedMs = crashed.length > 0 ? await repeat(step, context, crashed, outcome) : 0;
  const ms = performance.now() - start;
  print(step, output, { ...outcome, ms }, context.follow);
  return { step, ms, cpuMs: cpuMs + repeatedMs, ...outcome };
}

// The files whose engine crashed, once more: what they come to is what counts. Resolves to its CPU time.
async function repeat(step, context, files, outcome) {
  const [program, ...args] = step.command();
  const flags = args.filter((arg) => arg.startsWith('--'));
  const { code, output, cpuMs } = await execute(
    { ...step, name: `${step.name}-again`, command: [program, ...flags, ...files] },
    context,
  );
  const { ok, result, numbers } = judge(step, code, output);
  outcome.ok = ok;
  outcome.result += `; once more after the engine crashed: ${result}`;
  if (numbers) outcome.numbers = { ...outcome.numbers, failed: numbers.failed };
  return cpuMs;
}

// All of a step at once, since others run beside it.
function print({ title, where, name }, output, { ok, result, ms }, follow) {
  const lines = [`\n▶ ${title} · ${where} (${name})`, ...closingLines(output).map((line) => `  ${line}`)];
  if (!ok && !follow) lines.push(...lastLines(name, output));
  lines.push(`${ok ? '✓' : '✗'} ${title} · ${where}: ${result}, ${seconds(ms)}`);
  console.log(lines.join('\n'));
}

function lastLines(name, output) {
  const lines = output.trimEnd().split('\n');
  const last = [...failedTests(output), ...lines.slice(-shownLines)];
  if (lines.length > shownLines) last.push(`  … all of it: ${relative(root, logFile(name))}`);
  return last;
}

function judge(step, code, output) {
  const ok = code === 0;
  if (!step.tests) return { ok, result: ok ? 'ok' : `failed (${code})` };
  const numbers = counts(output);
  if (numbers.passed + numbers.failed === 0) {
    return { ok: false, result: ok ? 'failed: no test ran' : `failed (${code})` };
  }
  return { ok, result: sayCounts(numbers) + (ok || numbers.failed > 0 ? '' : ` (${code})`), numbers };
}

async function execute(step, { wasmEnv, engines, follow }) {
  const log = createWriteStream(logFile(step.name));
  let output = '';
  const keep = (chunk) => {
    output += chunk;
    log.write(chunk);
    if (follow) process.stdout.write(chunk);
  };
  const env = { ...(step.wasm ? wasmEnv : process.env), ...(step.engine && { ENGINE: step.engine }) };
  let cpuMs = 0;
  const start = async (command, variables) => {
    const ended = await spawned(command, variables, keep, step.cores === 'all');
    cpuMs += ended.cpuMs;
    return ended.code;
  };
  let code;
  try {
    if (step.run) code = await step.run({ engine: step.engine, engines, env, start });
    else code = await start(typeof step.command === 'function' ? step.command() : step.command, env);
  } catch (error) {
    keep(`${error.stack}\n`);
    code = error.message;
  }
  log.end();
  return { code, output, cpuMs };
}

function spawned([program, ...args], env, keep, givesWay) {
  return new Promise((resolve, reject) => {
    const stdio = ['ignore', 'pipe', 'pipe'];
    counted ??= endedChildrenMs();
    const child = spawn(program, args, { cwd: root, env, stdio, timeout: timeoutMs });
    if (givesWay && child.pid) lowerPriority(child.pid);
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', reject);
    let cpuMs;
    // Only what has been waited for is counted: the counter has just grown by this child.
    child.on('exit', () => (cpuMs = cpuTimeSinceLast()));
    child.on('close', (code, signal) => resolve({ code: code ?? signal, cpuMs }));
  });
}

let counted;

function cpuTimeSinceLast() {
  const before = counted;
  counted = endedChildrenMs();
  return counted - before;
}

// What keeps every core busy must not make the tests beside it late.
function lowerPriority(pid) {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already.
  }
}

function logFile(name) {
  return join(logs, `${name}.log`);
}
