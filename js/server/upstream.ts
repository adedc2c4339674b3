import { parseJson, readText } from './body.js';
import type { Settings } from './options.js';
import { type HeaderMap, errorReply, passedHeaders } from './reply.js';
import { SECOND, within } from './time.js';

/** A reply of the service, read as far as it came. */
export interface Reply {
  status: number;
  text: string;
  /** The body as JSON; undefined where it is none. */
  value: unknown;
  headers: HeaderMap;
}

const maxReplyBytes = 1024 * 1024;
export const replyTimeoutMs = 30 * SECOND;

export const path = '/v2/generate/audio';

export function endpoint({ base }: Settings): string {
  return base + path;
}

/** The service's key, asked for anew; rejects before anything is sent where there is none. */
export async function keyOf({ apiKey }: Settings): Promise<string> {
  const key = await (typeof apiKey === 'function' ? apiKey() : apiKey);
  if (typeof key !== 'string' || !/^[!-~]+$/.test(key)) throw new Error('no key for the service');
  return key;
}

/**
 * Sends one request and never a second one. Rejects where there is no reply within `timeoutMs`; the
 * body has as long again, 30 s at most, and what has come by then counts.
 */
export async function send(
  { fetch = globalThis.fetch }: Settings,
  url: string,
  key: string,
  timeoutMs: number,
  init: RequestInit = {},
): Promise<Reply> {
  const abort = new AbortController();
  const headers = { ...(init.headers as HeaderMap), authorization: `Bearer ${key}` };
  try {
    const asked = fetch(url, { ...init, ...uncached(), headers, redirect: 'manual', signal: abort.signal });
    const response = await within(timeoutMs, asked);
    const { text } = await readText(response.body, maxReplyBytes, Math.min(timeoutMs, replyTimeoutMs));
    const body = redact(text, key);
    return { status: response.status, text: body, value: parseJson(body), headers: passedHeaders(response.headers) };
  } finally {
    abort.abort();
  }
}

/** The id of the generation that a submit's reply tells of. */
export function idOf({ value, headers }: Reply): string | undefined {
  const { id, generation_id } = Object(value) as Record<string, unknown>;
  for (const found of [id, generation_id]) {
    if (typeof found === 'number' || (typeof found === 'string' && found)) return String(found);
  }
  return headers['x-inference-id'];
}

/** The reply for whoever asked. */
export function passOn({ status, text, value, headers }: Reply): Response {
  const type = value === undefined ? 'text/plain; charset=utf-8' : 'application/json';
  return new Response(text, { status, headers: { ...headers, 'content-type': type } });
}

/** An error in place of a reply that cannot be passed on, with its headers. */
export function errorInsteadOf({ status, headers }: Reply, answered: number): Response {
  return errorReply(answered, `the service answered ${status}`, headers);
}

/** Next's fetch has a cache of its own; older workerd refuses to be told of one. */
function uncached(): RequestInit {
  return 'cache' in Request.prototype ? { cache: 'no-store' } : {};
}

/** The service quotes a key that it refuses. Nothing so short as to be part of a word is one. */
function redact(text: string, key: string): string {
  return key.length < 8 ? text : text.replaceAll(key, '[key]');
}
