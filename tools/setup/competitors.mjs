// The competitors that the package is measured beside, as their own lock file has them.

import { statSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../paths.mjs';
import { capture, npmCommand, step } from '../run.mjs';

/** Lines of npm's that a person need not read. */
const detail = /^(?:code|errno|syscall|address|port|type) /;

/** Where the competitors are installed. */
export const folder = join(root, 'bench');

export async function installCompetitors() {
  if (changed('node_modules/.package-lock.json') >= changed('package-lock.json')) return;
  await step('installing the competitors', async () => {
    // They are bundled and never run by Node: what their packages would do at an installation is not needed.
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--fetch-retries=1'];
    const [npm, ...args] = npmCommand(['ci', ...flags, '--loglevel=error']);
    const { code, output } = await capture(npm, args, { cwd: folder });
    if (code !== 0) throw new Error(`the competitors cannot be installed: ${reason(output)}`);
  });
}

function changed(name) {
  return statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function reason(output) {
  const lines = output.split('\n').map((line) => line.replace(/^npm (?:error|ERR!) */, '').trim());
  return lines.find((line) => line && !detail.test(line)) ?? 'npm does not say why';
}
