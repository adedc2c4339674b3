// `npm run bench -- NAME`: measures the built package beside its peers, which are installed for
// this alone. `startup`: from import to the first request. `size`: what `npm run size` prints.
// `cadence` and `scale`: when to ask, of one client and of a million, natively and under a
// simulated clock.

import { build } from './build.mjs';
import { main } from './main.mjs';
import { engines } from './setup/browsers.mjs';
import { setUpTests } from './setup.mjs';

const benches = {
  startup: '../tests/bench/startup.mjs',
  size: './size.mjs',
  cadence: '../tests/bench/cadence.mjs',
  scale: '../tests/bench/cadence.mjs',
};

await main(import.meta.url, async () => {
  const [name, ...args] = process.argv.slice(2);
  const file = Object.hasOwn(benches, name ?? '') ? benches[name] : undefined;
  if (!file) throw new Error(`npm run bench -- ${Object.keys(benches).join(' | ')}`);
  await build(await setUpTests());
  const { bench } = await import(file);
  await bench({ name, args, engines: engines() });
});
