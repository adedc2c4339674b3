// HTTP/1.1 and HTTP/2 over TLS, each with its own ways to fail.

import { createSecureServer, constants } from 'node:http2';
import { createServer } from 'node:https';

const makers = { http1: createServer, http2: createSecureServer };

/** By name: what is done to the connection or the stream instead of a reply. */
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

/** Starts a server of `http1` or `http2`; `meet` takes each request, and gives `{ reply }` or `{ fault }`. */
export async function startTcp(name, { certificate, key }, meet) {
  const connections = new Map();
  const server = makers[name]({ cert: certificate, key }, async (request, response) => {
    const connection = connections.get(request.socket.remotePort);
    const body = await text(request);
    if (body === undefined) return;
    const { fault, reply } = meet({ method: request.method, path: request.url, headers: request.headers, body });
    if (fault) faults[fault]({ connection, stream: request.stream });
    else response.writeHead(reply.status, Object.fromEntries(reply.headers)).end(reply.body);
  });
  server.on('connection', (socket) => {
    connections.set(socket.remotePort, socket);
    socket.on('close', () => connections.delete(socket.remotePort));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    for (const connection of connections.values()) connection.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  return { port: server.address().port, stop };
}

/** The whole body, or nothing where it breaks off. */
async function text(request) {
  try {
    return Buffer.concat(await request.toArray()).toString();
  } catch {
    return undefined;
  }
}
