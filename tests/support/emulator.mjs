// The emulator as tests use it: its ledger, and the faults that it is to apply.

import { startEmulator } from '../../tools/emulator.mjs';
import { waitUntil } from './wait-until.mjs';

/** Starts an emulator; `plan` takes the body of its `POST /__emulator/plan`. */
export async function openEmulator(options) {
  const { url, stop } = await startEmulator(options);
  const call = async (path, init) => {
    const reply = await fetch(`${url}/__emulator/${path}`, init);
    const text = await reply.text();
    if (!reply.ok) throw new Error(`the emulator refused ${path}: ${reply.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  };
  const post = (path, body) =>
    call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body ?? {}),
    });
  const requests = async (method) => (await call('ledger')).requests.filter((request) => request.method === method);
  return {
    url,
    stop,
    ledger: () => call('ledger'),
    /** The requests of that method that it has got. */
    requests,
    /** How many submits it has got. */
    posts: async () => (await requests('POST')).length,
    /** How many generations it has charged for. */
    charges: async () => (await call('ledger')).generations.filter(({ charged }) => charged > 0).length,
    /** The ledger once the condition is true of it. */
    ledgerWhen: (condition, options) =>
      waitUntil(
        async () => {
          const ledger = await call('ledger');
          return condition(ledger) && ledger;
        },
        { intervalMs: 50, ...options },
      ),
    plan: (plan) => post('plan', plan),
    /** Clears everything; the settings apply until the next reset. */
    reset: (settings) => post('reset', settings),
  };
}
