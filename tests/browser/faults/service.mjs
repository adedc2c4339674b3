// The two endpoints of the service, for the servers of all protocols, with the faults that a test sets. A
// POST is recorded once its headers and its body have arrived.

const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, content-type',
  'access-control-max-age': '600',
};

/**
 * A service that applies `fault` to every POST, or to the first `times`: a `status`, or the name of a
 * `transport` fault. Without a fault it accepts.
 */
export function scriptedService() {
  const service = {
    /** The headers and bodies of the POSTs that arrived, oldest first. */
    posts: [],
    fault: undefined,
    /** The answer to a request: `{ reply }`, `{ fault }`, or undefined for silence. */
    respond({ method, headers, body }) {
      if (method === 'OPTIONS') return reply(204);
      if (method === 'GET') return reply(200, completed);
      service.posts.push({ headers, body });
      const { status, transport, times = Infinity, ...given } = service.fault ?? { times: 0 };
      if (service.posts.length > times) return reply(201, queued);
      if (transport === 'silence') return undefined;
      return transport ? { fault: transport } : reply(status, { message: 'no' }, given.headers);
    },
  };
  return service;
}

const id = 'generation-1';
const queued = { id, status: 'queued' };
const completed = { id, status: 'completed', audio_file: { url: 'https://cdn.invalid/track.wav' } };

function reply(status, document, more) {
  const headers = Object.entries({ ...cors, 'content-type': 'application/json', ...more });
  return { reply: { status, headers, body: document ? JSON.stringify(document) : '' } };
}
