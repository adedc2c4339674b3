// `npm run release -- --dry-run`: everything that a release needs, short of publishing, which a
// tag does in CI (.github/workflows/release.yml), where the registry can vouch for the build.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { build } from './build.mjs';
import { main } from './main.mjs';
import { root } from './paths.mjs';
import { capture, npmCommand, run, step } from './run.mjs';
import { setUpBuild } from './setup.mjs';
import { writeSboms } from './release/sbom.mjs';

const out = join(root, 'target', 'release-files');

await main(import.meta.url, async () => {
  const { 'dry-run': dry } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } }).values;
  if (!dry) throw new Error('publishing is the release workflow’s work, on a tag: npm run release -- --dry-run');
  const env = await setUpBuild();
  await build(env);
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const packed = await pack();
  const problems = [...(await versions(manifest)), ...contents(manifest, packed), ...(await readme(manifest, packed))];
  await step('building again, in another folder', () =>
    run(process.execPath, [join('tools', 'release', 'reproducible.mjs')], { cwd: root }),
  );
  await writeSboms(out, manifest);
  for (const name of (await readdir(out)).toSorted()) {
    const bytes = await readFile(join(out, name));
    console.log(
      `${createHash('sha256').update(bytes).digest('hex')}  ${name} (${bytes.length.toLocaleString('en')} bytes)`,
    );
  }
  problems.forEach((problem) => console.error(`✗ ${problem}`));
  if (problems.length > 0) throw new Error('not ready for a release');
  if (!manifest.repository)
    console.log('! before the first publication: npm’s proof of origin wants `repository` in package.json');
  console.log(`✓ ${manifest.name} ${manifest.version} is ready: git tag v${manifest.version}, and push the tag`);
});

/** The tarball, and what npm says is in it. */
async function pack() {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const [npm, ...flags] = npmCommand(['pack', '--json', '--silent', '--pack-destination', out]);
  const { code, output } = await capture(npm, flags, { cwd: root });
  if (code !== 0) throw new Error(`npm pack failed\n${output}`);
  const said = JSON.parse(output.slice(output.search(/^[[{]/m)));
  const [packed] = Array.isArray(said) ? said : Object.values(said);
  return packed.files.map(({ path }) => path).toSorted();
}

async function versions({ version }) {
  const cargo = await readFile(join(root, 'Cargo.toml'), 'utf8');
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const found = {
    'Cargo.toml': /^\[workspace\.package\]\s*version = "([^"]+)"/m.exec(cargo)?.[1],
    'package-lock.json': lock.packages[''].version,
  };
  const tag = process.env.GITHUB_REF_TYPE === 'tag' && process.env.GITHUB_REF_NAME;
  if (tag) found['the tag'] = tag.replace(/^v/, '');
  return Object.entries(found)
    .filter(([, other]) => other !== version)
    .map(([place, other]) => `package.json says ${version}, ${place} ${other}`);
}

function contents({ exports }, packed) {
  const named = Object.values(exports).flatMap((target) => (target.types ? Object.values(target) : [target]));
  const wanted = ['LICENSE', 'LICENSE-APACHE', 'LICENSE-MIT', 'README.md', ...named.map((path) => path.slice(2))];
  const allowed = /^(dist\/[\w-]+\.(js|d\.ts|wasm)|LICENSE(-\w+)?|README\.md|package\.json)$/;
  return [
    ...wanted.filter((path) => !packed.includes(path)).map((path) => `${path} is not in the package`),
    ...packed.filter((path) => !allowed.test(path)).map((path) => `${path} has no place in the package`),
  ];
}

async function readme({ name }, packed) {
  const file = join(root, 'README.md');
  if (!existsSync(file)) return ['there is no README.md'];
  const text = await readFile(file, 'utf8');
  const entry = await readFile(join(root, 'dist', 'index.js'), 'utf8');
  const exported = [.../export\s*\{([^}]+)\}/.exec(entry)[1].matchAll(/(?:as )?(\w+)(?:,|$)/g)].map(([, word]) => word);
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link]) => link);
  return [
    ...(text.includes(`npm install ${name}`) ? [] : [`README.md does not say npm install ${name}`]),
    ...exported.filter((word) => !text.includes(word)).map((word) => `README.md does not mention ${word}`),
    ...links
      .filter((link) => !existsSync(join(root, link)))
      .map((link) => `README.md links to ${link}, which is not there`),
    ...(packed.includes('README.md') ? [] : ['README.md is not in the package']),
  ];
}
