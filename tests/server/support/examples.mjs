// The examples of `www/examples/` as tests run them: their own text, with the emulator for a service.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { root } from '../../../tools/paths.mjs';

/** The text of an example as it is. */
export function textOf(name) {
  return readFile(join(root, 'www', 'examples', name), 'utf8');
}

/** The text of an example whose handler asks another service than the real one. */
export async function example(name, baseUrl) {
  const [before, after, ...more] = (await textOf(name)).split('createHandler({');
  assert.ok(after && more.length === 0, `${name} makes one handler`);
  return `${before}createHandler({ baseUrl: '${baseUrl}',${after}`;
}

/** What the examples leave to the site: here everybody may spend what they like. */
export const openToAll = {
  'site.js': `export const userOf = async (_request) => 'ada';
export const takeCredits = async (_user, _credits) => true;
`,
};
