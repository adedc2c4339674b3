// Child processes that do not outlive the tests: each is ended together with its own children.

import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { freePort } from './free-port.mjs';

const hasGroups = process.platform !== 'win32';
const alive = new Set();
const maxOutput = 3000;

process.on('exit', () => alive.forEach((child) => signalGroup(child, 'SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** Starts a program in a process group of its own. */
export function startChild(command, args, options) {
  return track(spawn(command, args, { detached: hasGroups, ...options }));
}

/** Starts a module of Node that sends messages to this process; resolves to the child and its first message. */
export async function forkChild(file, args) {
  const child = track(fork(file, args, { detached: hasGroups }));
  const [message] = await once(child, 'message');
  return { child, message };
}

/**
 * Starts a program that serves HTTP; `argsFor` gives its arguments for a free port, as `env` may its
 * environment. Resolves to its URL once `isReady` is true of it, or rejects with what it printed.
 */
export async function startServerProgram(command, argsFor, options = {}) {
  const { isReady = answers, timeoutMs = 60_000, env, ...others } = options;
  const port = await freePort();
  const stdio = ['ignore', 'pipe', 'pipe'];
  const child = startChild(command, argsFor(port), {
    stdio,
    ...others,
    env: typeof env === 'function' ? env(port) : env,
  });
  const output = lastOutput(child);
  const url = `http://127.0.0.1:${port}`;
  const stop = () => endChild(child);
  const deadline = Date.now() + timeoutMs;
  while (!(await isReady(url))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${command} did not start to serve ${url}\n${output()}`);
    }
    await sleep(50);
  }
  return { url, output, stop };
}

/** A function that gives the end of what a program has printed to its pipes. */
export function lastOutput({ stdout, stderr }) {
  let output = '';
  for (const stream of [stdout, stderr].filter(Boolean)) {
    stream.setEncoding('utf8').on('data', (chunk) => (output = (output + chunk).slice(-maxOutput)));
    // It does not keep this process alive.
    stream.unref();
  }
  return () => output.trim();
}

/** Ends a program and its group: asks it to end, and kills it after two seconds. */
export async function endChild(child) {
  if (!alive.has(child)) return;
  const insist = setTimeout(() => signalGroup(child, 'SIGKILL'), 2000);
  await signalAndWait(child, 'SIGTERM');
  clearTimeout(insist);
  alive.delete(child);
}

/** Kills a program and its group, as a crash would. */
export async function killChild(child) {
  await signalAndWait(child, 'SIGKILL');
  alive.delete(child);
}

function track(child) {
  alive.add(child);
  child.on('error', () => alive.delete(child));
  child.on('exit', () => signalGroup(child, 'SIGKILL'));
  return child;
}

async function answers(url) {
  return fetch(url, { signal: AbortSignal.timeout(60_000) }).then(Boolean, () => false);
}

async function signalAndWait(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  signalGroup(child, signal);
  await ended;
}

function signalGroup(child, signal) {
  try {
    if (hasGroups) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // It has ended already.
  }
}
