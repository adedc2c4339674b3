import inlined from '../../target/pkg/inlined.js';

import { bytesOf } from './text.js';

export { soonest as arrival } from '../arrival.js';

/** The module's bytes, which are in the file itself. */
export const core = (): Uint8Array => bytesOf(inlined);
