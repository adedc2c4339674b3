// What the package is made of, in CycloneDX's form: the crates that are compiled into the module, by
// cargo-cyclonedx, and the npm packages, of which there are none, by npm.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { root, searchPath } from '../paths.mjs';
import { capture, npmCommand } from '../run.mjs';
import { cargoCyclonedx } from '../setup/tools.mjs';
import { withSources } from './copy-sources.mjs';

const target = 'wasm32-unknown-unknown';

/** Writes both bills of materials into a folder. */
export async function writeSboms(folder, { name }) {
  await writeFile(join(folder, 'npm.cdx.json'), await ofPackage(name));
  await cargoCyclonedx();
  // It writes one for each crate of the workspace, beside its sources.
  await withSources(async (copy) => {
    const flags = ['--format', 'json', '--spec-version', '1.5', '--target', target, '--no-build-deps'];
    await output('cargo', ['cyclonedx', ...flags, '--override-filename', 'crates'], copy);
    const bill = await readFile(join(copy, 'crates.json'), 'utf8');
    // It names what has no registry by its folder, which is nobody's business.
    await writeFile(join(folder, 'crates.cdx.json'), bill.replaceAll(pathToFileURL(copy).href, `file:///${name}`));
  });
}

async function ofPackage(name) {
  const [npm, ...flags] = npmCommand(['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'library', '--omit', 'dev']);
  const bill = JSON.parse(await output(npm, flags, root));
  // npm calls it by the folder that it is in.
  bill.metadata.component.name = name;
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

async function output(command, args, cwd) {
  const { code, output: text } = await capture(command, args, { cwd, env: { ...process.env, PATH: searchPath } });
  if (code !== 0) throw new Error(`${args[0]} failed (${code})\n${text}`);
  return text;
}
