// A handler with a mock service, for tests of what it decides itself.

import { createHandler } from 'stable-audio-client/server';

import { authorize, read } from './asking.mjs';
import { openService } from './service.mjs';

export const apiKey = 'the-key-of-the-service';

/** A handler with a mock service, and records of their calls. */
export function openHandler(options) {
  const service = openService();
  const calls = [];
  const events = [];
  const handle = createHandler({
    apiKey,
    authorize(request, call) {
      calls.push(call);
      return authorize(request);
    },
    fetch: service.fetch,
    onCall: (event) => events.push(event),
    ...options,
  });
  return { service, calls, events, ask: async (...given) => read(await handle(...given)) };
}
