// The state table of a key, with each store.

import { after, before, describe, it } from 'node:test';

import { drivers } from './support/drivers.mjs';
import { servers } from './support/redis.mjs';
import { stateTable } from './support/state-table.mjs';
import { withStore } from './support/stores.mjs';
import { runRow, titleOf } from './support/world.mjs';

const timeout = 120_000;
const inRedis = servers.flatMap(({ name, skip, open }) =>
  Object.keys(drivers).map((driver) => ({ store: `${name} by ${driver}`, skip, open, driver })),
);
const inMemory = { store: 'memory' };

for (const where of [inMemory, ...inRedis]) inNode(where);

function inNode({ store, skip = false, open, driver }) {
  describe(`the states of a key in ${store}, in Node`, { skip, timeout }, () => {
    let server;
    before(async () => {
      server = await open?.();
    });
    after(() => server?.stop());
    for (const row of stateTable) {
      it(titleOf(row), () => withStore({ driver, url: server?.url }, (empty) => runRow(row, empty)));
    }
  });
}
