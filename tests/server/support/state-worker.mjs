// A Worker that runs a row of the state table in workerd: `?row=` is its number, `?driver=` the driver of its
// store, which is in memory by default.

import { Outcomes, outcomesStore } from '../../../www/examples/cloudflare-durable-object/outcomes.js';

export { Outcomes };

export default {
  async fetch(request, { OUTCOMES, REDIS: url }) {
    const { searchParams } = new URL(request.url);
    // Imported within a request: workerd allows no timers and random numbers outside one.
    const { stateTable } = await import('./state-table.mjs');
    const { withStore } = await import('./stores.mjs');
    const { runRow } = await import('./world.mjs');
    const row = stateTable[searchParams.get('row')];
    const driver = searchParams.get('driver');
    try {
      if (driver === 'Durable Object') {
        const id = OUTCOMES.newUniqueId();
        await runRow(row, outcomesStore({ getByName: () => OUTCOMES.get(id) }));
      } else {
        await withStore({ driver, url }, (store) => runRow(row, store));
      }
      return new Response();
    } catch (error) {
      return new Response(error.stack, { status: 500 });
    }
  },
};
