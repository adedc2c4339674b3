// The script of the page: all competitors and what drives them.

import { join } from 'node:path';

import { root } from '../../tools/paths.mjs';
import { bundled } from '../../tools/size/bundle.mjs';

const entry = join(root, 'bench', 'browser', 'page', 'main.mjs');

export function pageScript() {
  return bundled({ entryPoints: [entry] }, { alias: { 'stable-audio-client': join(root, 'dist', 'index.js') } });
}
