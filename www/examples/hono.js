// A route of Hono, in whatever runtime it is, with AIMLAPI_KEY in the environment. In the page:
// `baseUrl: '/api'`.

import { Hono } from 'hono';
import { createHandler } from 'stable-audio-client/server';
import { takeCredits, userOf } from './site.js';

const handler = createHandler({
  apiKey: process.env.AIMLAPI_KEY,
  authorize: (request) => userOf(request), // who asks, by your session
  spend: (user, { credits }) => takeCredits(user, credits), // your quota, asked once for each track
});

const app = new Hono();
app.all('/api/*', (c) => handler(c.req.raw));
export default app;
