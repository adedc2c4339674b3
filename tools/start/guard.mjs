// What stands before the demo's web server. A request at which Node's or Vite's readers of addresses
// would throw, outside any handler, ends here, and other sites may lead to the page and do no more.

import { addressOf } from './address.mjs';

const headers = {
  'content-security-policy': "frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Puts itself before all that listens to this `http.Server` by now. */
export function guard(server) {
  before(server, 'request', (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const refusal = refusalOf(request);
    if (refusal) response.writeHead(refusal, { 'content-type': 'text/plain', connection: 'close' }).end('Refused');
    return !refusal;
  });
  before(server, 'upgrade', (request, socket) => {
    if (addressOf(request)) return true;
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    return false;
  });
}

function refusalOf(request) {
  const address = addressOf(request);
  if (!address) return 400;
  const { 'sec-fetch-site': site, 'sec-fetch-dest': destination } = request.headers;
  const foreign = site === 'cross-site' || site === 'same-site';
  // A link to the page is welcome; Vite's own paths, one of which opens an editor, begin with two underscores.
  const link = request.method === 'GET' && destination === 'document' && !address.pathname.startsWith('/__');
  return foreign && !link ? 403 : undefined;
}

function before(server, event, admits) {
  const listeners = server.listeners(event);
  server.removeAllListeners(event);
  server.on(event, (...args) => {
    if (admits(...args)) for (const listener of listeners) listener.apply(server, args);
  });
}
