// What the package is made of, in CycloneDX's form: the crates that are compiled into the module.
// The package itself has no npm dependency.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { root } from '../paths.mjs';
import { capture } from '../run.mjs';

/** The bill of materials: the same for the same lock file, so without a date or a serial number. */
export async function sbom({ name, version, license, dependencies = {} }) {
  if (Object.keys(dependencies).length > 0) throw new Error('the package has npm dependencies: list them here too');
  const checksums = await lockedChecksums();
  const components = (await crates()).map((crate) => component(crate, checksums));
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'library',
        'bom-ref': `pkg:npm/${name}@${version}`,
        name,
        version,
        purl: `pkg:npm/${name}@${version}`,
        licenses: [{ expression: license }],
      },
    },
    components,
    dependencies: [{ ref: `pkg:npm/${name}@${version}`, dependsOn: components.map((one) => one['bom-ref']) }],
  };
}

/** The crates of registries that the module is built from, for wasm32 and without tests. */
async function crates() {
  const flags = [
    '--package',
    'stable-audio-client',
    '--edges',
    'normal,no-proc-macro',
    '--target',
    'wasm32-unknown-unknown',
  ];
  const form = ['--prefix', 'none', '--format', '{p}\t{l}', '--locked'];
  const { code, output } = await capture('cargo', ['tree', ...flags, ...form], { cwd: root });
  if (code !== 0) throw new Error(`cargo tree failed\n${output}`);
  const found = new Map();
  for (const line of output.split('\n')) {
    const [, name, version, rest, license] = /^(\S+) v(\S+)(.*)\t(.*)$/.exec(line) ?? [];
    if (name && !/\(\/|\([A-Z]:/.test(rest)) found.set(`${name}@${version}`, { name, version, license });
  }
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function component({ name, version, license }, checksums) {
  const purl = `pkg:cargo/${name}@${version}`;
  const checksum = checksums.get(`${name}@${version}`);
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    // Cargo's old spelling of "or" is not SPDX's.
    licenses: [{ expression: license.replace(' (*)', '').replaceAll('/', ' OR ') }],
    ...(checksum && { hashes: [{ alg: 'SHA-256', content: checksum }] }),
  };
}

async function lockedChecksums() {
  const lock = await readFile(join(root, 'Cargo.lock'), 'utf8');
  const entry = /name = "([^"]+)"\r?\nversion = "([^"]+)"\r?\nsource = "[^"]+"\r?\nchecksum = "([^"]+)"/g;
  return new Map([...lock.matchAll(entry)].map(([, name, version, checksum]) => [`${name}@${version}`, checksum]));
}
