// A proxy in front of the site and the server half, with the faults of a network.

import { createServer, request as send } from 'node:http';
import { buffer } from 'node:stream/consumers';

import { listen } from '../../support/listen.mjs';

/** A response whose body is cut off, with or without its `x-inference-id` header. */
const cut = (share, { id = false } = {}) => ({
  answered(response, { status, headers, body }) {
    const { 'x-inference-id': name, ...others } = headers;
    response.writeHead(status, { ...others, ...(id && { 'x-inference-id': name }), 'content-length': body.length });
    response.write(body.subarray(0, Math.floor(body.length * share)));
    // The bytes that were written must be sent first.
    setTimeout(() => response.socket.destroy(), 50);
  },
});
const page = (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
const reset = (response) => response.socket.resetAndDestroy();
const nothing = () => {};

/**
 * Faults of a submit. `arrived` replaces the forwarding of the request; `forwarded` happens once the server has
 * it, and its response is lost; `answered` replaces its response; `broken` happens if the server dies, instead
 * of an error page.
 */
export const faults = {
  resetBefore: { arrived: reset },
  resetAfter: { forwarded: reset },
  lost: { answered: (response) => response.socket.destroy() },
  cutAfterHead: cut(0, { id: true }),
  cutAfterHeadWithoutId: cut(0),
  cutWithinBody: cut(0.5),
  silentBefore: { arrived: nothing },
  silentAfter: { forwarded: nothing },
  pageBefore: { arrived: page },
  pageAfter: { forwarded: page },
  resetWithServer: { broken: reset },
};

/**
 * Starts it in front of a site. `server` is the URL of the server half under `/api`, or a promise of it;
 * `next` is the fault of the next submit; with `closes`, each connection is closed after its first response.
 */
export async function startFaultyProxy(site) {
  const proxy = { server: undefined, next: undefined, closes: false, posts: 0 };

  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    const isSubmit = request.method === 'POST';
    const { arrived, forwarded, answered, broken = page } = (isSubmit && proxy.next) || {};
    const body = await buffer(request);
    if (isSubmit) {
      proxy.next = undefined;
      proxy.posts += 1;
    }
    if (arrived) return arrived(response);
    if (proxy.closes) response.setHeader('connection', 'close');
    const base = request.url.startsWith('/api/') ? await proxy.server : site.url;
    const upstream = send(base + request.url, { method: request.method, headers: request.headers, agent: false });
    upstream.on('error', () => broken(response));
    upstream.on('response', async (reply) => {
      const got = { status: reply.statusCode, headers: reply.headers };
      const whole = await buffer(reply).catch(() => undefined);
      if (forwarded) return;
      if (!whole) broken(response);
      else if (answered) answered(response, { ...got, body: whole });
      else pass(response, { ...got, body: whole });
    });
    upstream.end(body);
    if (forwarded) setTimeout(() => forwarded(response), 200);
  });
  const { url, close } = await listen(server);
  Object.assign(proxy, { url, stop: close });
  /** Clears its state, and closes all connections. */
  proxy.reset = () => {
    Object.assign(proxy, { next: undefined, closes: false, posts: 0 });
    server.closeAllConnections();
  };
  return proxy;
}

/** Passes on a response without its hop-by-hop headers. */
function pass(response, { status, headers, body }) {
  const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...others } = headers;
  response.writeHead(status, { ...others, 'content-length': body.length }).end(body);
}
