// Programs that must not outlive the tests: each is ended with all that it started in turn.

import { spawn } from 'node:child_process';

const grouped = process.platform !== 'win32';
const running = new Set();

process.on('exit', () => running.forEach((child) => signal(child, 'SIGKILL')));
for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => process.exit(1));

/** Starts a program, the head of a process group of its own. */
export function startChild(command, args, options) {
  const child = spawn(command, args, { detached: grouped, ...options });
  running.add(child);
  child.on('error', () => running.delete(child));
  child.on('exit', () => signal(child, 'SIGKILL'));
  return child;
}

/** Ends a program and its group: asks first, insists after two seconds. */
export async function endChild(child) {
  if (!running.has(child)) return;
  const insist = setTimeout(() => signal(child, 'SIGKILL'), 2000);
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    signal(child, 'SIGTERM');
    await ended;
  }
  clearTimeout(insist);
  running.delete(child);
}

function signal(child, name) {
  try {
    if (grouped) process.kill(-child.pid, name);
    else child.kill(name);
  } catch {
    // It has ended already.
  }
}
