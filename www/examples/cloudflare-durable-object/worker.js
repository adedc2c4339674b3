// A Cloudflare Worker that keeps the key, and a Durable Object that remembers what became of each
// submit. `wrangler secret put AIMLAPI_KEY`, `wrangler deploy`; routed to `/api/*` of the page's own
// site. In the page: `baseUrl: '/api'`, `recovery: 'server'`.

import { env } from 'cloudflare:workers';
import { createHandler } from 'stable-audio-client/server';
import { outcomesStore } from './outcomes.js';
import { userOf } from './session.js';

export { Outcomes } from './outcomes.js';

export default {
  fetch: createHandler({ apiKey: () => env.AIMLAPI_KEY, authorize: userOf, store: outcomesStore(env.OUTCOMES) }),
};
