// `npm run panics`: the ways in which the finished module can panic, from the linked module itself,
// held against the list in `panics/allowlist.mjs`. A new one fails, and so does one that is gone.

import { readFile } from 'node:fs/promises';

import { whole } from './build/wasm.mjs';
import { main } from './main.mjs';
import { readModule } from './panics/module.mjs';
import { allowlist } from './panics/allowlist.mjs';
import { panicPaths } from './panics/paths.mjs';

const ours = new Set(['stable_audio_client', 'protocol']);

await main(import.meta.url, async () => {
  const paths = panicPaths(await readModule(await read()));
  console.log(table(paths));
  const unknown = paths.filter((path) => !allowlist.some((entry) => fits(entry, path)));
  const gone = allowlist.flatMap(unused(paths));
  for (const { from, to } of unknown) console.log(`✗ new: ${from} → ${to}`);
  for (const { crate, from, to } of gone) console.log(`✗ gone: ${from ?? crate ?? 'any'} → ${to}`);
  if (unknown.length + gone.length > 0) {
    throw new Error(`panic paths: ${unknown.length} new, ${gone.length} gone; see tools/panics/allowlist.mjs`);
  }
});

/** Whether the entry of the list speaks of the path. */
function fits({ crate, from, to }, path) {
  return [to].flat().includes(path.to) && (crate ?? path.crate) === path.crate && (from ?? path.from) === path.from;
}

// The parts of an entry that no path needs.
function unused(paths) {
  return ({ crate, from, to }) =>
    [to]
      .flat()
      .map((end) => ({ crate, from, to: end }))
      .filter((part) => !paths.some((path) => fits(part, path)));
}

async function read() {
  try {
    return await readFile(whole);
  } catch {
    throw new Error('the module is not built: `npm run build`');
  }
}

function table(paths) {
  const crates = [...new Set(paths.map(({ crate }) => crate))];
  const lines = crates
    .toSorted((a, b) => ours.has(b) - ours.has(a) || (a < b ? -1 : 1))
    .flatMap((crate) =>
      section(
        crate,
        paths.filter((path) => path.crate === crate),
      ),
    );
  return [...lines, `in sum: ${paths.length}`].join('\n');
}

function section(crate, paths) {
  const lines = [`${crate}: ${paths.length}`];
  for (const end of new Set(paths.map(({ to }) => to))) {
    const members = paths.filter(({ to }) => to === end);
    lines.push(`  ${end}: ${members.length}`);
    for (const { from } of members) lines.push(`    ${from}`);
  }
  return lines;
}
