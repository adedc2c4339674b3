// What only the emulator allows: to break things, and to see its own account of what became of them.

import { openEmulator } from './emulator.js';
import { openFaults } from './faults.js';
import { accountOf, describeAccount, watchLedger } from './ledger.js';

/**
 * Opens the panel of faults, and shows the emulator's account on each card. `url` is the emulator's,
 * `forEachCard` calls what it is given with each card, and `next` leads to the button that generates.
 * Call `touch` on what it returns after every change, and while something goes on.
 */
export function openLaboratory({ url, submits, forEachCard, next }) {
  const emulator = openEmulator(url);
  openFaults({ emulator, submits, next });
  return watchLedger(emulator, (ledger) =>
    forEachCard((card) => card.showAccount(describeAccount(card.job, accountOf(card.job, ledger)))),
  );
}
