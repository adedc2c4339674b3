// What stands between a page and the server half: one origin for both, and the faults of a network.

import { createServer, request as send } from 'node:http';
import { buffer } from 'node:stream/consumers';

import { listen } from '../../support/listen.mjs';

/** The head of a reply is cut off after it, or it has lost `x-inference-id` too. */
const cut = (share, { id = false } = {}) => ({
  answered(response, { status, headers, body }) {
    const { 'x-inference-id': name, ...others } = headers;
    response.writeHead(status, { ...others, ...(id && { 'x-inference-id': name }), 'content-length': body.length });
    response.write(body.subarray(0, Math.floor(body.length * share)));
    // What was written leaves first.
    setTimeout(() => response.socket.destroy(), 50);
  },
});
const page = (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
const reset = (response) => response.socket.resetAndDestroy();
const nothing = () => {};

/**
 * Faults of a submit. `arrived` is what happens instead of handing it on; `forwarded` what happens once
 * the server has it, whose reply is lost; `answered` what becomes of its reply; `broken` what happens if
 * the server dies meanwhile, which is a page otherwise.
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
 * Opens it before a site. `server` is the address of the server half under `/api`, or a promise of it,
 * for which requests wait; `next` the fault of the next submit; `closes` makes it close each connection
 * after its first reply.
 */
export async function openFront(site) {
  const front = { server: undefined, next: undefined, closes: false, posts: 0 };

  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    const isSubmit = request.method === 'POST';
    const { arrived, forwarded, answered, broken = page } = (isSubmit && front.next) || {};
    const body = await buffer(request);
    if (isSubmit) {
      front.next = undefined;
      front.posts += 1;
    }
    if (arrived) return arrived(response);
    if (front.closes) response.setHeader('connection', 'close');
    const base = request.url.startsWith('/api/') ? await front.server : site.url;
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
  Object.assign(front, { url, stop: close });
  /** Forgets what it saw, and leaves the browser no connection. */
  front.reset = () => {
    Object.assign(front, { next: undefined, closes: false, posts: 0 });
    server.closeAllConnections();
  };
  return front;
}

/** Passes on a reply; its connection is this server's own matter. */
function pass(response, { status, headers, body }) {
  const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...others } = headers;
  response.writeHead(status, { ...others, 'content-length': body.length }).end(body);
}
