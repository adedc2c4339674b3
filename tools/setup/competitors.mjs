// The competitors that the package is measured beside, as their own lock file has them.

import { join } from 'node:path';

import { root } from '../paths.mjs';
import { installLocked } from './locked.mjs';

/** Where the competitors are installed. */
export const folder = join(root, 'bench');

export const installCompetitors = () => installLocked(folder, 'the competitors');
