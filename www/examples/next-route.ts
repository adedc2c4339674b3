// A route of Next's app router: app/api/v2/generate/audio/route.ts, with AIMLAPI_KEY in the
// environment. In the page: `baseUrl: '/api'`.

import { createHandler } from 'stable-audio-client/server';
import { takeCredits, userOf } from './site.js';

const handler = createHandler({
  apiKey: () => process.env.AIMLAPI_KEY,
  authorize: (request) => userOf(request), // who asks, by your session
  spend: (user, { credits }) => takeCredits(user, credits), // your quota, asked once for each track
});

export { handler as GET, handler as POST, handler as OPTIONS };
