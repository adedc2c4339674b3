// The npm packages that building and testing need, as package-lock.json has them.

import { statSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../paths.mjs';
import { npm, step } from '../run.mjs';

export async function packages() {
  // npm writes the inner file at the end of each install.
  const installed = changed(join(root, 'node_modules', '.package-lock.json'));
  if (installed >= changed(join(root, 'package-lock.json'))) return;
  await step('installing npm packages', () =>
    npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root }),
  );
}

function changed(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
