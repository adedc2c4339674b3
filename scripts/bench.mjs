// `npm run bench -- NAME`: measures the built package beside its peers, which are installed for
// this alone. `startup`: from import to the first request.

import { statSync } from 'node:fs';
import { join } from 'node:path';

import { build } from './build.mjs';
import { main } from './main.mjs';
import { root } from './places.mjs';
import { npm, step } from './run.mjs';
import { engines } from './setup/browsers.mjs';
import { setUpTests } from './setup.mjs';

const benches = { startup: '../tests/bench/startup.mjs' };
const folder = join(root, 'tests', 'bench');

await main(import.meta.url, async () => {
  const file = benches[process.argv[2]];
  if (!file) throw new Error(`npm run bench -- ${Object.keys(benches).join(' | ')}`);
  await build(await setUpTests());
  await installPeers();
  const { bench } = await import(file);
  await bench({ engines: engines() });
});

/** The peers, as their own lock file has them. */
export async function installPeers() {
  if (changed('node_modules/.package-lock.json') >= changed('package-lock.json')) return;
  await step('installing the peers', () =>
    npm(['ci', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], { cwd: folder }),
  );
}

function changed(name) {
  return statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
