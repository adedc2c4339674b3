// `npm run bench -- NAME`: measures the built package beside its peers, which are installed for
// this alone. `startup`: from import to the first request. `size`: what `npm run size` prints.

import { build } from './build.mjs';
import { main } from './main.mjs';
import { engines } from './setup/browsers.mjs';
import { setUpTests } from './setup.mjs';

const benches = { startup: '../tests/bench/startup.mjs', size: './size.mjs' };

await main(import.meta.url, async () => {
  const file = benches[process.argv[2]];
  if (!file) throw new Error(`npm run bench -- ${Object.keys(benches).join(' | ')}`);
  await build(await setUpTests());
  const { bench } = await import(file);
  await bench({ engines: engines() });
});
