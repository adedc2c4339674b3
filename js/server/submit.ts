// A submit's way to the service, and what its reply means for the money.

import type { Settings } from './options.js';
import { isPassable, submitUnknown } from './reply.js';
import { SECOND } from './time.js';
import { type Reply, endpoint, idOf, errorInsteadOf, passOn, send } from './upstream.js';

/** `refused`: certainly not billed. `unknown`: perhaps. */
export type Outcome = 'accepted' | 'refused' | 'unknown';

/** What a submit came to, and the answer. */
export interface Sent {
  outcome: Outcome;
  response: Response;
}

/** The service's network gives up at 100 s. */
const timeoutMs = 120 * SECOND;

/** Sends the submit once, named so in the service's logs; never rejects. */
export async function sendSubmit(
  settings: Settings,
  key: string,
  body: string,
  clientRequestId: string | undefined,
): Promise<Sent> {
  const headers = {
    'content-type': 'application/json',
    ...(clientRequestId && { 'x-client-request-id': clientRequestId }),
  };
  try {
    const init = { method: 'POST', headers, ...bodyInit(body) };
    return outcomeOf(await send(settings, endpoint(settings), key, timeoutMs, init));
  } catch {
    return { outcome: 'unknown', response: submitUnknown() };
  }
}

function outcomeOf(reply: Reply): Sent {
  const { status, value } = reply;
  const id = status >= 200 && status < 300 ? idOf(reply) : undefined;
  if (id !== undefined) return { outcome: 'accepted', response: passOn(withId(reply, id)) };
  if (status >= 300 && status < 500 && !leavesOutcomeOpen(status)) {
    return { outcome: 'refused', response: isPassable(status) ? passOn(reply) : errorInsteadOf(reply, 400) };
  }
  const passable = value !== undefined && isPassable(status) && !leavesOutcomeOpen(status);
  return { outcome: 'unknown', response: passable ? passOn(reply) : submitUnknown() };
}

/** The reply is elsewhere; the service may go on working; the state is another than was thought. */
function leavesOutcomeOpen(status: number): boolean {
  return [303, 408, 409].includes(status);
}

/** An id that came in the header alone, or by its old name, is in the body too: a look-up gives the body. */
function withId(reply: Reply, id: string): Reply {
  const whole = Object(reply.value) as Record<string, unknown>;
  if (String(whole['id']) === id) return reply;
  const value = { ...whole, id };
  // Some others cannot have a body.
  return { ...reply, status: 200, value, text: JSON.stringify(value) };
}

// Deno's fetch repeats a POST whose connection was reset, unless its body is a stream: one of its own
// Responses gives is none to it.
function bodyInit(body: string): object {
  if (!('Deno' in globalThis)) return { body };
  return { body: new Blob([body]).stream(), duplex: 'half' };
}
