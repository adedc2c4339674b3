// Redis or Valkey, which the tests of the server half start for themselves: what this machine has,
// and Debian's where it may install it.

import { step, which } from '../run.mjs';
import { canInstall, install } from './debian.mjs';

/** How a person gets it. */
export const redisAdvice = 'no redis-server, no valkey-server; on Debian or Ubuntu: apt-get install redis-server';

/** Each one's program, or undefined where it is not here. */
export function redisPrograms() {
  return { Redis: which('redis-server'), Valkey: which('valkey-server') };
}

/** Installs Redis if neither is here and that can be done, and says in a line where it cannot. */
export async function redis() {
  if (isThere()) return;
  if (canInstall()) await step('installing redis-server', () => install(['redis-server']));
  if (!isThere()) console.log(`! redis: ${redisAdvice}`);
}

function isThere() {
  return Object.values(redisPrograms()).some(Boolean);
}
