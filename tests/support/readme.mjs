// The README's snippets, by what follows the backticks that open them.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { root } from '../../tools/paths.mjs';

const readme = await readFile(join(root, 'README.md'), 'utf8');

/** What the README says that an extension's manifest needs, as an object. */
export function manifestEntry() {
  const [, entry] = /`("content_security_policy": [^`]*)`/.exec(readme);
  return JSON.parse(`{${entry}}`);
}

export function snippets(kind) {
  return [...readme.matchAll(new RegExp(`\`\`\`${kind}\\n(.*?)\`\`\``, 'gs'))].map(([, code]) => code);
}
