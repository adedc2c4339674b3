// `npm test`: sets up what is missing, then runs every step of `test/steps.mjs`, to the end even
// if one fails, and prints one table. `npm test -- --only NAME` runs one step, or one kind of step,
// `npm test -- --quick` those that need no browser and no minutes.

import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { main } from './main.mjs';
import { seconds } from './run.mjs';
import { engines } from './setup/browsers.mjs';
import { setUpTests } from './setup.mjs';
import { chosen } from './test/choose.mjs';
import { logs, perform } from './test/perform.mjs';
import { runAll } from './test/pool.mjs';
import { sayCounts, table } from './test/report.mjs';

await main(import.meta.url, async () => {
  const options = { only: { type: 'string' }, quick: { type: 'boolean' } };
  const { only, quick } = parseArgs({ options }).values;
  const { steps, named, inBrowsers } = chosen({ only, quick });
  const begun = performance.now();
  const wasmEnv = await setUpTests({ inBrowsers });
  // Two at once could not be told apart.
  const context = { wasmEnv, engines: engines(), follow: named === 1 };
  await mkdir(logs, { recursive: true });
  const results = await runAll(steps, {
    cores: Math.max(2, availableParallelism()),
    perform: (step, before) => perform(step, context, before),
  });
  summarise(results, performance.now() - begun);
});

function summarise(results, ms) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { numbers } of results) {
    for (const name of Object.keys(numbers ?? {})) sum[name] += numbers[name];
  }
  const failed = results.filter(({ ok }) => !ok);
  console.log(`\n${table(results)}\n\nall of it, set-up included: ${seconds(ms)}`);
  for (const { step } of failed) console.log(`✗ ${step.title} · ${step.where} (--only ${step.name})`);
  console.log(sayCounts(sum));
  process.exitCode = failed.length > 0 ? 1 : 0;
}
