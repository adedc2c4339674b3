// The npm packages of a folder with a manifest of its own, as its lock file has them.

import { statSync } from 'node:fs';
import { join } from 'node:path';

import { capture, npmCommand, step } from '../run.mjs';

/** Lines of npm's that a person need not read. */
const detail = /^(?:code|errno|syscall|address|port|type) /;

/** Installs them unless they are there; `what` names them to a person. */
export async function installLocked(folder, what) {
  if (changed(folder, 'node_modules/.package-lock.json') >= changed(folder, 'package-lock.json')) return;
  await step(`installing ${what}`, async () => {
    // None of them needs what a package may do when it is installed.
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--fetch-retries=1'];
    const [npm, ...args] = npmCommand(['ci', ...flags, '--loglevel=error']);
    const { code, output } = await capture(npm, args, { cwd: folder });
    if (code !== 0) throw new Error(`${what} cannot be installed: ${reason(output)}`);
  });
}

function changed(folder, name) {
  return statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function reason(output) {
  const lines = output.split('\n').map((line) => line.replace(/^npm (?:error|ERR!) */, '').trim());
  return lines.find((line) => line && !detail.test(line)) ?? 'npm does not say why';
}
