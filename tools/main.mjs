// Runs a script's work if it was started by itself rather than imported; a failure is one line.

import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import './service-key.mjs';

export async function main(url, work) {
  const started = process.argv[1];
  if (!started || realpathSync(started) !== realpathSync(fileURLToPath(url))) return;
  try {
    await work();
  } catch (error) {
    console.error(`✗ ${error.message}`);
    process.exit(1);
  }
}
