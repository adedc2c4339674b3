// The server half in Express, a body parser before it or not. In the page: `baseUrl: '/api'`.
// npm install stable-audio-client express srvx; AIMLAPI_KEY=… node express.js

import express from 'express';
import { toNodeHandler } from 'srvx/node';
import { createHandler } from 'stable-audio-client/server';
import { takeCredits, userOf } from './site.js';

const handler = createHandler({
  apiKey: process.env.AIMLAPI_KEY,
  authorize: (request) => userOf(request), // who asks, by your session
  spend: (user, { credits }) => takeCredits(user, credits), // your quota, asked once for each track
});

const app = express().use(express.json(), express.static('public'));
app.use('/api', toNodeHandler(handler));
app.listen(process.env.PORT ?? 3000, process.env.HOST);
