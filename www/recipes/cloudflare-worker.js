// A Cloudflare Worker that keeps the key: `wrangler secret put AIMLAPI_KEY`. Routed to `/api/*` of
// the page's own site. In the page: `baseUrl: '/api'`.

import { mayUse } from './may-use.js';

const calls = { POST: /^\/api(\/v2\/generate\/audio)$/, GET: /^\/api(\/v2\/generate\/audio\?generation_id=[^&]+)$/ };

export default {
  async fetch(request, { AIMLAPI_KEY: key, AIMLAPI_URL: service = 'https://api.aimlapi.com' }) {
    const { method } = request;
    const { pathname, search } = new URL(request.url);
    const path = calls[method]?.exec(pathname + search)?.[1];
    if (!path) return refuse(404, 'only the two calls of the audio service are forwarded');
    if (!(await mayUse(request))) return refuse(403, 'you may not use this');
    const headers = {
      authorization: `Bearer ${key}`,
      ...(method === 'POST' && { 'content-type': 'application/json' }),
    };
    const body = method === 'POST' ? await request.text() : null;
    const reply = await fetch(service + path, { method, headers, body, redirect: 'manual' });
    const kept = ['content-type', 'retry-after', 'x-inference-id'].filter((name) => reply.headers.has(name));
    const passedOn = Object.fromEntries(kept.map((name) => [name, reply.headers.get(name)]));
    return new Response(reply.body, { status: reply.status, headers: { ...passedOn, 'cache-control': 'no-store' } });
  },
};

const refuse = (status, message) => Response.json({ error: { message } }, { status });
