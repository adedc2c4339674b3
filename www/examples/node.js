// A Node server for a page and what it asks of the service. In the page: `baseUrl: '/api'`.
// npm install stable-audio-client srvx; AIMLAPI_KEY=… node node.js

import { serve } from 'srvx/node';
import { staticMiddleware } from 'srvx/static';
import { createHandler } from 'stable-audio-client/server';
import { takeCredits, userOf } from './site.js';

const handler = createHandler({
  apiKey: process.env.AIMLAPI_KEY,
  authorize: (request) => userOf(request), // who asks, by your session
  spend: (user, { credits }) => takeCredits(user, credits), // your quota, asked once for each track
});

serve({ fetch: handler, middleware: [staticMiddleware({ dir: 'public' })] });
