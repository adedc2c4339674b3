// `npm run bench`: measures the built package beside its competitors, which are installed for this alone,
// and writes the README's figures. `-- NAME` measures one thing and writes nothing, `-- --json`
// prints one object, by name.

import { parseArgs } from 'node:util';

import { writeFigures } from './bench/figures.mjs';
import { machine } from './bench/machine.mjs';
import { build } from './build.mjs';
import { main } from './main.mjs';
import { reserveStdout } from './run.mjs';
import { engines } from './setup/browsers.mjs';
import { setUpTests } from './setup.mjs';

/**
 * A module each: `measure({ engines })` resolves to plain data, `report(data)` is its text, and
 * `figures(data)`, where there is one, its rows for the README.
 */
const benches = {
  size: './size.mjs',
  startup: '../bench/startup.mjs',
  cadence: '../bench/cadence.mjs',
  scale: '../bench/scale.mjs',
  browser: '../bench/browser.mjs',
};

await main(import.meta.url, async () => {
  const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
  const names = positionals.length > 0 ? positionals : Object.keys(benches);
  if (!names.every((name) => Object.hasOwn(benches, name))) {
    throw new Error(`npm run bench -- ${Object.keys(benches).join(' | ')}`);
  }
  const print = values.json ? reserveStdout() : console.log;
  await build(await setUpTests());
  const found = engines();
  const about = await machine(found);
  const results = {};
  const failures = [];
  const figures = [];
  for (const name of names) {
    const { measure, report, figures: pick } = await import(benches[name]);
    try {
      results[name] = await measure({ engines: found });
    } catch (error) {
      failures.push(`${name}: ${error.message}`);
      continue;
    }
    figures.push(...(pick?.(results[name]) ?? []));
    if (!values.json) print(`\n== ${name} ==\n\n${report(results[name])}`);
  }
  if (values.json) print(JSON.stringify({ ...about, ...results }));
  else print(`\n${about.date} · ${about.machine}`);
  if (positionals.length === 0) await writeFigures(figures, about);
  if (failures.length > 0) throw new Error(failures.join('\n'));
});
