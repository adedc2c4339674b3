// Looks what is used up in the lists of known faults, and its licences and sources in `deny.toml`.
// What cannot be asked here is said, not failed: a list that cannot be fetched, a program that is
// not installed. The release workflow has both.

import { main } from './main.mjs';
import { root, searchPath } from './paths.mjs';
import { capture, npmCommand, which } from './run.mjs';

const unreachable =
  /audit endpoint returned an error|ENOTFOUND|ECONNREFUSED|EAI_AGAIN|failed to fetch|unable to fetch/i;

await main(import.meta.url, async () => {
  const results = [await npmAdvisories(), ...(await crateChecks())];
  const failed = results.filter((result) => !result);
  if (failed.length > 0) throw new Error(`${failed.length} of the checks found something`);
});

function npmAdvisories() {
  const [npm, ...flags] = npmCommand(['audit', '--audit-level=high']);
  return ask('npm packages: advisories', npm, flags);
}

async function crateChecks() {
  if (!which('cargo-deny', searchPath)) {
    console.log('! crates: not checked; cargo-deny is not here (cargo install cargo-deny --locked)');
    return [];
  }
  return [await deny('licenses', 'bans', 'sources'), await deny('advisories')];
}

function deny(...what) {
  return ask(`crates: ${what.join(', ')}`, 'cargo', ['deny', 'check', ...what]);
}

async function ask(title, command, args) {
  const { code, output } = await capture(command, args, { cwd: root, env: { ...process.env, PATH: searchPath } });
  if (code === 0) console.log(`✓ ${title}`);
  else if (unreachable.test(output)) console.log(`! ${title}: not checked; the list cannot be fetched here`);
  else console.log(`✗ ${title}\n${output}`);
  return code === 0 || unreachable.test(output);
}
