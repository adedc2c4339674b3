// `npm run size`: what one job weighs at its user's, what that is made of, and what it is with the
// competitors. `-- --json` prints one object, `-- --gate` holds it against `size/bound.mjs`.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { shownCompetitors } from './bench/figures.mjs';
import { build } from './build.mjs';
import { dist } from './build/bundle.mjs';
import { parts } from './build/sizes.mjs';
import { symbols } from './build/wasm.mjs';
import { main } from './main.mjs';
import { reserveStdout } from './run.mjs';
import { setUpBuild } from './setup.mjs';
import { bound, jobsBound, serverBound } from './size/bound.mjs';
import { consumers } from './size/consumers.mjs';
import { crates, functions } from './size/functions.mjs';
import { problemOf } from './size/gate.mjs';
import { competitors } from './size/competitors.mjs';
import { report } from './size/report.mjs';
import { sections } from './size/sections.mjs';
import { weigh, without } from './size/weigh.mjs';

await main(import.meta.url, async () => {
  const options = { json: { type: 'boolean' }, gate: { type: 'boolean' } };
  const { json, gate } = parseArgs({ options }).values;
  const print = json ? reserveStdout() : console.log;
  await build(await setUpBuild());
  if (gate) await checkBounds();
  else if (json) print(JSON.stringify(await measure()));
  else console.log(report(await measure()));
});

export { report };

/** The weights, as `--json` prints them. */
export async function measure() {
  const entries = await consumers();
  const { module, glue, api } = await parts();
  const list = await functions(module, await readFile(symbols, 'utf8'));
  const weights = { module: weigh(module), glue: weigh(glue), api: weigh(api) };
  return {
    consumer: entries.client,
    entries,
    ...weights,
    module: {
      ...weights.module,
      sections: Object.fromEntries(sections(module).map(({ name, bytes }) => [name, bytes])),
    },
    inlining: without(entries.client, ...Object.values(weights)),
    crates: crates(list, module),
    functions: list,
    competitors: await competitors(),
  };
}

/** What of this the README says. */
export function figures({ consumer, competitors }) {
  const others = Object.entries(competitors).filter(([name]) => shownCompetitors.includes(name));
  const beside = others.map(([name, weight]) => `${name} ${kilobytes(weight)}`);
  return [
    ['one job in a bundle, minified, brotli', [kilobytes(consumer), beside.join(', ')].filter(Boolean).join('; ')],
  ];
}

function kilobytes({ brotli }) {
  return `${(brotli / 1000).toFixed(1)} kB`;
}

async function checkBounds() {
  const { client, 'client with jobs': withJobs } = await consumers();
  const weights = {
    'the consumer': [client, bound],
    'the server half': [weigh(await readFile(join(dist, 'server.js'))), serverBound],
    'what jobs add': [without(withJobs, client), jobsBound],
  };
  const problems = [];
  for (const [what, [{ brotli }, bound]] of Object.entries(weights)) {
    const problem = problemOf(brotli, bound, what);
    if (problem) problems.push(problem);
    else console.log(`✓ ${what} weighs ${brotli} bytes (brotli 11); the bound is ${bound}`);
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
