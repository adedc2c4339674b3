// Redis or Valkey, which the tests of the server half start for themselves: what this machine has,
// and Debian's where it may install it.

import { step, which } from '../run.mjs';
import { canInstall, install } from './debian.mjs';

/** How a person gets it. */
export const redisAdvice = 'no redis-server, no valkey-server; on Debian or Ubuntu: apt-get install redis-server';

/** The program, or undefined. */
export function redisServer() {
  return which('redis-server') ?? which('valkey-server');
}

/** Installs it if it is missing and that can be done, and says in a line where it cannot. */
export async function redis() {
  if (redisServer()) return;
  if (canInstall()) await step('installing redis-server', () => install(['redis-server']));
  if (!redisServer()) console.log(`! redis: ${redisAdvice}`);
}
