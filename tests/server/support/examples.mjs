// The examples of `www/examples/` for tests: their own text, with the emulator as the service.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { root } from '../../../tools/paths.mjs';

/** The unchanged text of an example. */
export function textOf(name) {
  return readFile(join(root, 'www', 'examples', name), 'utf8');
}

/** The text of an example with another `baseUrl`. */
export async function example(name, baseUrl) {
  const [before, after, ...more] = (await textOf(name)).split('createHandler({');
  assert.ok(after && more.length === 0, `${name} makes one handler`);
  return `${before}createHandler({ baseUrl: '${baseUrl}',${after}`;
}

/** The site's part of the examples: everybody may spend everything. */
export const openToAll = {
  'site.js': `export const userOf = async (_request) => 'ada';
export const takeCredits = async (_user, _credits) => true;
`,
};
