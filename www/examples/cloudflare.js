// A Cloudflare Worker, the page among its `assets` or on its site. In the page: `baseUrl: '/api'`.
// wrangler secret put AIMLAPI_KEY
// Isolates share no memory: a store that they share is in `cloudflare-durable-object/`.

import { env } from 'cloudflare:workers';
import { createHandler } from 'stable-audio-client/server';
import { takeCredits, userOf } from './site.js';

const handler = createHandler({
  apiKey: () => env.AIMLAPI_KEY,
  authorize: (request) => userOf(request), // who asks, by your session
  spend: (user, { credits }) => takeCredits(user, credits), // your quota, asked once for each track
});

export default { fetch: handler };
