// The emulator of the service: builds it, and runs it for as long as this process lives.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { main } from './main.mjs';
import { root } from './paths.mjs';
import { run } from './run.mjs';

const target = join(root, 'target');
const program = join(target, 'release', process.platform === 'win32' ? 'emulator.exe' : 'emulator');

/** The key that the emulator accepts. */
export const demoKey = 'demo-key';

export async function buildEmulator() {
  const flags = ['--release', '--quiet', '--target-dir', target];
  await run('cargo', ['build', '--package', 'emulator', ...flags], { cwd: root });
}

/**
 * Starts the emulator on a free port of 127.0.0.1, its clock `speed` times as fast as the world's.
 * Pages of `origins` may use its endpoints for tests, as programs may.
 * It ends when `stop` is called, or by itself when this process does and its input closes.
 */
export async function startEmulator({ speed = 1, origins = [] } = {}) {
  const flags = ['--port', '0', '--speed', String(speed), '--until-stdin-closes'];
  flags.push(...origins.flatMap((origin) => ['--allow-origin', origin]));
  const child = spawn(program, flags, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => {
    child.on('error', resolve);
    child.on('exit', (code, signal) => resolve(new Error(`the emulator ended (${code ?? signal})`)));
  });
  const url = await Promise.race([address(child.stdout), ended]);
  if (url instanceof Error) throw url;
  return { url, ended, stop: () => stop(child, ended) };
}

async function address(output) {
  for await (const line of createInterface({ input: output })) {
    const found = /^listening on (http:\/\/\S+)$/.exec(line);
    if (found) {
      output.resume();
      return found[1];
    }
  }
  return new Error('the emulator printed no address');
}

async function stop(child, ended) {
  child.stdin.destroy();
  child.kill();
  await ended;
}

await main(import.meta.url, buildEmulator);
