// The page's one script: all contenders and what drives them.

import { join } from 'node:path';

import { root } from '../../../scripts/places.mjs';
import { bundled } from '../../../scripts/size/bundle.mjs';

const entry = join(root, 'tests', 'bench', 'browser', 'page', 'main.mjs');

export function pageScript() {
  return bundled({ entryPoints: [entry] }, { alias: { 'stable-audio-client': join(root, 'dist', 'index.js') } });
}
