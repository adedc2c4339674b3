// The harness, with what test pages share at `/stage.js`.

import { readFile } from 'node:fs/promises';

import { openHarness } from '../harness.mjs';

/** Opens everything; a page imports what `in-page.js` exports from `/stage.js`. */
export async function openStage(options) {
  const harness = await openHarness(options);
  harness.site.add('/stage.js', await readFile(new URL('in-page.js', import.meta.url), 'utf8'));
  return harness;
}

/** The ledger once it says what is waited for, or as it is after three seconds. */
export async function ledgerOnce(emulator, says) {
  const late = Date.now() + 3000;
  for (;;) {
    const ledger = await emulator.ledger();
    if (says(ledger) || Date.now() > late) return ledger;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
