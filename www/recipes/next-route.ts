// A Next route handler that keeps the key: app/api/v2/generate/audio/route.ts, with AIMLAPI_KEY in
// the environment. In the page: `baseUrl: '/api'`.

import { mayUse } from './may-use.js';

async function forward(request: Request): Promise<Response> {
  const { method } = request;
  const { search } = new URL(request.url);
  const known = method === 'POST' ? search === '' : /^\?generation_id=[^&]+$/.test(search);
  if (!known) return refuse(404, 'only the two calls of the audio service are forwarded');
  if (!(await mayUse(request))) return refuse(403, 'you may not use this');
  const { AIMLAPI_KEY: key, AIMLAPI_URL: service = 'https://api.aimlapi.com' } = process.env;
  const headers = { authorization: `Bearer ${key}`, ...(method === 'POST' && { 'content-type': 'application/json' }) };
  const body = method === 'POST' ? await request.text() : null;
  const init: RequestInit = { method, headers, body, redirect: 'manual', cache: 'no-store' };
  const reply = await fetch(`${service}/v2/generate/audio${search}`, init);
  const kept = ['content-type', 'retry-after', 'x-inference-id'].filter((name) => reply.headers.has(name));
  const passedOn = Object.fromEntries(kept.map((name) => [name, reply.headers.get(name)!]));
  return new Response(reply.body, { status: reply.status, headers: { ...passedOn, 'cache-control': 'no-store' } });
}

const refuse = (status: number, message: string): Response => Response.json({ error: { message } }, { status });

export { forward as GET, forward as POST };
