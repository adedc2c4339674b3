// Servers of HTTP/1.1 and HTTP/2 over TLS, and the faults of their connections and streams.

import { createSecureServer, constants } from 'node:http2';
import { createServer } from 'node:https';

import { listen } from '../../support/listen.mjs';

const makers = { http1: createServer, http2: createSecureServer };

/** By name: what happens to the connection or the stream instead of a response. */
const faults = {
  reset: ({ connection }) => connection.resetAndDestroy(),
  close: ({ connection }) => connection.destroy(),
  goaway({ stream, connection }) {
    stream.session.goaway();
    setTimeout(() => connection.destroy(), 50);
  },
  'internal-error': ({ stream }) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
  'refused-stream': ({ stream }) => stream.close(constants.NGHTTP2_REFUSED_STREAM),
};

/** Starts a server of `http1` or `http2`; `respond` takes each request, and gives `{ reply }` or `{ fault }`. */
export async function startTcp(name, { certificate, key }, respond) {
  const connections = new Map();
  const server = makers[name]({ cert: certificate, key }, async (request, response) => {
    const connection = connections.get(request.socket.remotePort);
    const body = await text(request);
    if (body === undefined) return;
    const { fault, reply } = respond({ method: request.method, path: request.url, headers: request.headers, body });
    if (fault) faults[fault]({ connection, stream: request.stream });
    else response.writeHead(reply.status, Object.fromEntries(reply.headers)).end(reply.body);
  });
  server.on('connection', (socket) => {
    connections.set(socket.remotePort, socket);
    socket.on('close', () => connections.delete(socket.remotePort));
  });
  const { port, close } = await listen(server);
  const stop = () => {
    for (const connection of connections.values()) connection.destroy();
    return close();
  };
  return { port, stop };
}

/** The whole body, or undefined if it is incomplete. */
async function text(request) {
  try {
    return Buffer.concat(await request.toArray()).toString();
  } catch {
    return undefined;
  }
}
