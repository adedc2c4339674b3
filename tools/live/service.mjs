// The service as this run asks it: addresses, the key, and how often is often enough.

import { exchange } from './exchange.mjs';
import { exchangeOverHttp2 } from './exchange-http2.mjs';

export const endpoint = '/v2/generate/audio';

/** A page's origin, for the headers that only pages are answered with. */
export const origin = 'https://example.com';

// The service's content network gives up on a submit at 100 s. The emulator has no rate to be honoured,
// and its clock can be fast.
const paces = {
  service: { submitMs: 120_000, pollMs: 3000, jobMs: 600_000, logsMs: 20_000, logsForMs: 300_000 },
  emulator: { submitMs: 5000, pollMs: 200, jobMs: 60_000, logsMs: 1000, logsForMs: 10_000 },
};

export function openService({ base, local, key }) {
  const authorization = `Bearer ${key}`;
  const send = (path, options) => exchange(base + path, options);
  return {
    base,
    authorization,
    pace: local ? paces.emulator : paces.service,
    /** A request without the key. */
    send,
    /** A streamed request without the key over HTTP/2. */
    sendOverHttp2: (path, options) => exchangeOverHttp2(base + path, options),
    /** A read with the key, as a page of another origin would be answered. */
    read: (path) => send(path, { headers: { authorization, origin } }),
  };
}

/** The path of a generation's status. */
export function statusPath(id) {
  return `${endpoint}?generation_id=${encodeURIComponent(id)}`;
}

/** The body of a submit: short, so that its file is small. */
export const submission = JSON.stringify({
  model: 'stable-audio',
  prompt: 'a single soft bell',
  seconds_total: 1,
  steps: 1,
});
