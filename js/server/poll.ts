import type { Settings } from './options.js';
import { transientError, isPassable } from './reply.js';
import { type Reply, endpoint, errorInsteadOf, passOn, replyTimeoutMs, send } from './upstream.js';

/** Asks for a generation once. Nothing but the service's own JSON can end the client's job. */
export async function poll(settings: Settings, key: string, id: string): Promise<Response> {
  let reply: Reply;
  try {
    reply = await send(settings, `${endpoint(settings)}?generation_id=${encodeURIComponent(id)}`, key, replyTimeoutMs);
  } catch {
    return transientError(502, 'no answer');
  }
  const { status, value } = reply;
  if (isPassable(status) && value !== undefined) return passOn(reply);
  // A client acts on these whatever their body is.
  return errorInsteadOf(reply, [401, 404, 429].includes(status) ? status : 502);
}
