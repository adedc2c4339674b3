// The state table of a key, with each store in each runtime.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'node:test';

import { drivers } from './support/drivers.mjs';
import { servers } from './support/redis.mjs';
import { stateTable } from './support/state-table.mjs';
import { withStore } from './support/stores.mjs';
import { bundleWorker } from './support/workerd.mjs';
import { runRow, titleOf } from './support/world.mjs';

const timeout = 120_000;
const inRedis = servers.flatMap(({ name, skip, open }) =>
  Object.keys(drivers).map((driver) => ({ store: `${name} by ${driver}`, skip, open, driver })),
);
const inMemory = { store: 'memory' };
const inDurableObject = { store: 'a Durable Object', driver: 'Durable Object' };

for (const where of [inMemory, ...inRedis]) inNode(where);
// Each is a process of its own, which mostly waits.
describe('in workerd', { concurrency: true, timeout }, () => {
  for (const where of [inMemory, inDurableObject, ...inRedis]) inWorkerd(where);
});

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

function inWorkerd({ store, skip = false, open, driver = '' }) {
  describe(`the states of a key in ${store}, in workerd`, { skip, timeout, concurrency: 1 }, () => {
    let server;
    let worker;
    let workerd;
    before(async () => {
      server = await open?.();
      worker = await bundleWorker(fileURLToPath(new URL('support/state-worker.mjs', import.meta.url)));
      workerd = await worker.start({ REDIS: server?.url ?? '' });
    });
    after(async () => {
      await workerd?.stop();
      await worker?.remove();
      await server?.stop();
    });
    for (const [number, row] of stateTable.entries()) {
      it(titleOf(row), async () => {
        const reply = await fetch(`${workerd.url}?${new URLSearchParams({ row: number, driver })}`);
        assert.equal(reply.status, 200, await reply.text());
      });
    }
  });
}
