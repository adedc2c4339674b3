// Forwards the two calls of the audio service, with a key that the page never sees. Any other web
// page could try to spend that key, so what does not come from this server's own page is refused.

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { addressOf } from './address.mjs';

const path = '/v2/generate/audio';
const maxBody = 256 * 1024;
const passedOn = ['content-type', 'retry-after', 'x-inference-id'];

/** A middleware that answers all of `/v2/`; `own` lists the `host:port` names of this server. */
export function forwarder({ upstream, key, own }) {
  const handle = async (request, response, next) => {
    const url = addressOf(request);
    if (!url) return refuse(response, 400, 'no address that can be read');
    if (!url.pathname.startsWith('/v2/')) return next();
    if (isForeign(request.headers, own)) return refuse(response, 403, 'not from this page');
    const target = targetOf(request.method, url);
    if (!target) return refuse(response, 404, 'only the two calls of the service are forwarded');
    const body = request.method === 'POST' ? await bounded(request) : undefined;
    if (body === null) return refuse(response, 413, 'the request is too long');
    await forward({ method: request.method, url: upstream + target, key, body }, response);
  };
  // Of a request that breaks off while it is read there is nobody to tell.
  return (request, response, next) =>
    handle(request, response, next).catch((error) => (response.destroyed ? undefined : next(error)));
}

function isForeign({ host, origin, 'sec-fetch-site': site }, own) {
  if (!own.includes(host)) return true;
  if (origin !== undefined && !own.some((name) => origin === `http://${name}`)) return true;
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

function targetOf(method, { pathname, searchParams }) {
  if (pathname !== path) return undefined;
  if (method === 'POST' && searchParams.size === 0) return path;
  const id = searchParams.get('generation_id');
  if (method !== 'GET' || !id || searchParams.size !== 1) return undefined;
  return `${path}?generation_id=${encodeURIComponent(id)}`;
}

async function bounded(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > maxBody) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function forward({ method, url, key, body }, response) {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const init = { method, headers: { authorization: `Bearer ${key}` }, redirect: 'manual', signal: gone.signal };
  if (body) {
    init.headers['content-type'] = 'application/json';
    init.body = body;
  }
  let reply;
  try {
    reply = await fetch(url, init);
  } catch {
    return refuse(response, 502, 'the service could not be reached');
  }
  response.statusCode = reply.status;
  response.setHeader('cache-control', 'no-store');
  for (const name of passedOn) {
    const value = reply.headers.get(name);
    if (value !== null) response.setHeader(name, value);
  }
  // A reply that breaks off upstream breaks off here too: the page must not take it for whole.
  if (reply.body) await pipeline(Readable.fromWeb(reply.body), response).catch(() => {});
  else response.end();
}

function refuse(response, status, message) {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ error: { message } }));
}
