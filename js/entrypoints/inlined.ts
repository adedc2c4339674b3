import inlined from '../../target/pkg/inlined.js';

import { bytesOf } from './inline-encoding.js';

export { firstLoaded as whenLoaded } from '../module-race.js';

/** The module's bytes, which are in the file itself. */
export const core = (): Uint8Array => bytesOf(inlined);
