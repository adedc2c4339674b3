// The lock files serve every system, and whichever registry a user has.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';

for (const file of ['package-lock.json', 'bench/package-lock.json', 'tests/recipes/apps/package-lock.json']) {
  const { packages } = JSON.parse(await readFile(new URL(`../../${file}`, import.meta.url)));

  it(`${file} has the programs of every system, not of one alone`, () => {
    for (const [path, { optionalDependencies = {} }] of Object.entries(packages)) {
      const missing = Object.keys(optionalDependencies).filter((name) => !packages[`node_modules/${name}`]);
      assert.deepEqual(missing, [], path);
    }
  });

  it(`${file} names no registry`, () => {
    for (const [path, { resolved }] of Object.entries(packages)) assert.equal(resolved, undefined, path);
  });
}
