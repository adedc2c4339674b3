// Starts other programs: found by walking the PATH, run without a shell on every system.

import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';

import './service-key.mjs';

const windows = process.platform === 'win32';
let stdout = 'inherit';

/**
 * From now on what is logged, and what other programs print, goes to stderr: stdout is for what the
 * function that this gives back prints.
 */
export function reserveStdout() {
  const print = console.log;
  console.log = console.error;
  stdout = process.stderr;
  return print;
}

/** The full path of a program, or undefined. */
export function which(name, path = process.env.PATH ?? '') {
  const endings = windows ? (process.env.PATHEXT ?? '.EXE').split(';') : [''];
  for (const folder of path.split(delimiter).filter(Boolean)) {
    for (const ending of endings) {
      const file = join(folder, name + ending);
      if (isProgram(file)) return file;
    }
  }
  return undefined;
}

/** Runs a program to its end; rejects with its command line if that is not a success. */
export async function run(command, args, options = {}) {
  const { code } = await finish(command, args, { stdio: ['inherit', stdout, 'inherit'], ...options });
  if (code !== 0) throw new Error(`\`${basename(command)} ${args.join(' ')}\` failed (${code})`);
}

/** Runs a program quietly; resolves to its exit code and all it printed. */
export function capture(command, args, { input, ...options } = {}) {
  return finish(command, args, { stdio: 'pipe', ...options }, input);
}

/** Runs npm itself, which on Windows is a `.cmd` that cannot be spawned. */
export function npm(args, options) {
  const [command, ...rest] = npmCommand(args);
  return run(command, rest, options);
}

/** The command that runs npm with these arguments. */
export function npmCommand(args) {
  const script = npmScript();
  return script ? [process.execPath, script, ...args] : ['npm', ...args];
}

/** Says what a long step does, and how long it took. */
export async function step(title, work) {
  const start = performance.now();
  console.log(`· ${title} …`);
  const result = await work();
  console.log(`✓ ${title}: ${seconds(performance.now() - start)}`);
  return result;
}

/** A duration for people: `0.4 s`, `1 min 12 s`. */
export function seconds(ms) {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const whole = Math.round(ms / 1000);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function npmScript() {
  const own = process.env.npm_execpath;
  if (own && basename(own) === 'npm-cli.js') return own;
  const beside = join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js');
  return existsSync(beside) ? beside : undefined;
}

function finish(command, args, options, input) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, options);
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? signal, output }));
  });
}
