import { createServer } from 'node:net';

import { listen } from './listen.mjs';

/** A port of 127.0.0.1 that nothing listens on at the moment. */
export async function freePort() {
  const { port, close } = await listen(createServer());
  await close();
  return port;
}
