// A plain Node server that keeps the key. In the page: `baseUrl: '/api'`.
// AIMLAPI_KEY=… node node-server.js

import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { mayUse } from './may-use.js';

const { AIMLAPI_KEY: key, AIMLAPI_URL: service = 'https://api.aimlapi.com', PORT = '3000' } = process.env;
const calls = { POST: /^\/api(\/v2\/generate\/audio)$/, GET: /^\/api(\/v2\/generate\/audio\?generation_id=[^&]+)$/ };

async function forward(request, response) {
  const path = calls[request.method]?.exec(request.url)?.[1];
  if (!path) return refuse(response, 404, 'only the two calls of the audio service are forwarded');
  if (!(await mayUse(request))) return refuse(response, 403, 'you may not use this');
  const body = request.method === 'POST' ? await text(request) : null;
  const headers = { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) };
  const reply = await fetch(service + path, { method: request.method, headers, body, redirect: 'manual' });
  const kept = ['content-type', 'retry-after', 'x-inference-id'].filter((name) => reply.headers.has(name));
  const passedOn = Object.fromEntries(kept.map((name) => [name, reply.headers.get(name)]));
  response.writeHead(reply.status, { ...passedOn, 'cache-control': 'no-store' });
  await pipeline(reply.body ?? [], response);
}

function refuse(response, status, message) {
  // A reply that broke off breaks off in the page too.
  if (response.headersSent) return response.destroy();
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message } }));
}

createServer((request, response) => {
  forward(request, response).catch(() => refuse(response, 502, 'the audio service could not be reached'));
}).listen(Number(PORT), '127.0.0.1');
