// The package's entries, for the bundlers of the pages in `www/`.

import { join } from 'node:path';

import { root } from './paths.mjs';

const built = (name) => join(root, 'dist', name);

/** Where each entry is. Bundlers take the first name that a specifier begins with, so the longest comes first. */
export const packageAliases = {
  'stable-audio-client/jobs': built('jobs.js'),
  'stable-audio-client': built('index.js'),
};
