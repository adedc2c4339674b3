// The service's two endpoints, and the faults that a test wants instead of them: what every
// protocol's server asks. A POST counts once its head and its body are there.

const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, content-type',
  'access-control-max-age': '600',
};

/**
 * A service that meets every POST as `fault` says, the first `times` of them if that is given: with a
 * `status`, or with a `transport` fault by its name. Without one it accepts.
 */
export function scriptedService() {
  const service = {
    /** Headers and bodies of the POSTs that arrived whole, oldest first. */
    posts: [],
    fault: undefined,
    /** Answers a request with `{ reply }` or `{ fault }`; with nothing where there is silence. */
    meet({ method, headers, body }) {
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
