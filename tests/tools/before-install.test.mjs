// What a newcomer runs first runs before any package is installed.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const tools = new URL('../../tools/', import.meta.url);
const imported = /^(?:import|export) (?:[\w*{][^'=;]* from )?'([^']+)';$/gm;

for (const name of ['start.mjs', 'test.mjs', 'build.mjs']) {
  test(`tools/${name} can be loaded where no package is installed`, async () => {
    const reached = [new URL(name, tools).href];
    for (const file of reached) {
      const text = await readFile(new URL(file), 'utf8');
      for (const [, given] of text.matchAll(imported)) {
        assert.match(given, /^(node:|\.)/, `${file} imports ${given}`);
        const next = new URL(given, file).href;
        if (given.startsWith('.') && !reached.includes(next)) reached.push(next);
      }
    }
    assert.ok(reached.length > 5);
  });
}
