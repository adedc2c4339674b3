// `npm run live`: asks the real service, with the key in AIMLAPI_KEY, what its documentation leaves
// open, and prints what was assumed beside what was seen. It makes one generation of one step, one
// more from a page with `-- --browser` (chromium, or `--browser=firefox`), as many again with
// `--stream`, and asks before it spends, unless `--yes`. `--json` prints JSON, `--json FILE` writes it.
// `--base-url` asks another address, such as an emulator's.

import { writeFile } from 'node:fs/promises';

import { consent } from './live/consent.mjs';
import { readOptions } from './live/options.mjs';
import { tableOf } from './live/rows.mjs';
import { run } from './live/run.mjs';
import { main } from './main.mjs';
import { reserveStdout } from './run.mjs';

// An engine that streams no request sends none.
const good = new Set(['completed', 'not sent']);

await main(import.meta.url, async () => {
  const options = readOptions(process.argv.slice(2));
  const isJson = options.json === '-';
  const print = isJson ? reserveStdout() : console.log;
  await consent(options, say);
  const result = await run(options, say);
  const json = JSON.stringify(result, null, 2);
  if (options.json !== undefined && !isJson) await writeFile(options.json, `${json}\n`);
  print(isJson ? json : `\n${tableOf(result.rows)}`);
  const { generations } = result;
  if (generations.length === 0 || !generations.every(({ outcome }) => good.has(outcome))) process.exitCode = 1;
});

// Looked up at each line: `--json` turns it to stderr.
function say(line) {
  console.log(line);
}
