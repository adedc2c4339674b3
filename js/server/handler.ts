import { type Claim, claimsIn } from './claims.js';
import { idempotency } from './idempotency.js';
import { logsReader } from './logs.js';
import { readOptions } from './options.js';
import { withCommonHeaders, isAllowed, preflight } from './origin.js';
import { poll } from './poll.js';
import { errorReply, transientError, notSent, refusalOf } from './reply.js';
import { readSubmission } from './submission.js';
import { type Sent, sendSubmit } from './submit.js';
import { SECOND, ignore, within } from './time.js';
import type { Call, CallEvent, Handler, HandlerOptions, SubmitCall } from './types.js';
import { keyOf, path } from './upstream.js';

type Event = Partial<CallEvent>;
type WaitUntil = (work: Promise<unknown>) => void;

const spendTimeoutMs = 30 * SECOND;
/** Half of the age at which a claim's process is taken for dead: machines' clocks differ. */
const maxSendDelayMs = 30 * SECOND;

/**
 * Makes the handler. Throws a TypeError for an unknown option, for an origin or a limit that is
 * none, and where `authorize` is missing. Sends nothing and starts nothing.
 *
 * It answers every path that ends in `/v2/generate/audio`, as the service does: give the client the
 * part before it as its `baseUrl`.
 */
export function createHandler(options: HandlerOptions): Handler {
  const settings = readOptions(options);
  const { allowOrigins, authorize, spend, limits, onCall } = settings;
  const { submit, lookup } = idempotency(claimsIn(settings.store), settings.recovery && logsReader(settings));

  return async (request, ...context) => {
    const began = performance.now();
    const event: Event = {};
    const keep = waitUntilOf([request, ...context]);
    const work = answer(request, event, keep).catch((error: unknown) => failure(error, event));
    keep(work);
    const response = withCommonHeaders(await work, request, allowOrigins);
    const { kind } = event;
    if (kind && onCall) {
      const { status } = response;
      (async () => onCall({ ...event, kind, status, milliseconds: performance.now() - began }))().catch(report);
    }
    return response;
  };

  async function answer(request: Request, event: Event, keep: WaitUntil): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const { method } = request;
    if (!pathname.endsWith(path)) throw errorReply(404, 'not found');
    const id = searchParams.get('generation_id');
    const lookupKey = searchParams.get('idempotency_key');
    if (method === 'POST') event.kind = 'submit';
    else if (method === 'GET') {
      if (!id === (lookupKey === null)) throw errorReply(404, 'not found');
      event.kind = id ? 'poll' : 'lookup';
    } else if (method !== 'OPTIONS') {
      throw errorReply(405, 'method not allowed', { allow: 'GET, POST, OPTIONS' });
    }
    if (!isAllowed(request, allowOrigins)) throw errorReply(403, 'foreign origin');
    if (!event.kind) return preflight();
    if (event.kind === 'submit') return submitted(request, event, keep);

    const call: Call = id ? { kind: 'poll', id } : { kind: 'lookup', idempotencyKey: checkedKey(lookupKey) };
    const user = await userOf(request, call, event);
    return call.kind === 'poll' ? poll(settings, await keyOf(settings), call.id) : lookup(user, call.idempotencyKey);
  }

  async function submitted(request: Request, event: Event, keep: WaitUntil): Promise<Response> {
    event.outcome = 'refused';
    const header = request.headers.get('idempotency-key');
    const idempotencyKey = header === null ? undefined : checkedKey(/^"(.*)"$/.exec(header)?.[1] ?? header);
    const { request: audio, body, credits } = await readSubmission(request, limits);
    const call: SubmitCall = { kind: 'submit', request: audio, credits, ...(idempotencyKey && { idempotencyKey }) };
    const user = await userOf(request, call, event);
    const apiKey = await keyOf(settings);

    const send = async (claim?: Claim): Promise<Sent> => {
      let allowed: unknown = true;
      try {
        if (spend) allowed = await within(spendTimeoutMs, spend(user, call));
      } catch (error) {
        allowed = error;
        report(error);
      }
      if (allowed !== true) return { outcome: 'refused', response: refusalOf(allowed) };
      // Whoever was paused for so long may have been taken for dead.
      if (claim && Math.abs(Date.now() - claim.at) > maxSendDelayMs) return { outcome: 'refused', response: notSent() };
      const clientRequestId = settings.recovery && claim?.owner;
      const sent = await sendSubmit(settings, apiKey, body, clientRequestId);
      if (sent.outcome !== 'refused') event.credits = credits;
      return sent;
    };
    const done = await (idempotencyKey ? submit({ user, key: idempotencyKey, body, send, keep }) : send());
    event.outcome = done.outcome;
    return done.response;
  }

  /** The user's name; throws the refusal. */
  async function userOf(request: Request, call: Call, event: Event): Promise<string> {
    const user = await authorize(request, call);
    if (typeof user !== 'string' || !user) throw refusalOf(user);
    event.user = user;
    return user;
  }
}

function checkedKey(key: string | null): string {
  if (key !== null && /^[\w.:-]{1,128}$/.test(key)) return key;
  throw errorReply(400, 'no valid idempotency key');
}

/** Whatever else fails does so before anything was sent. */
function failure(error: unknown, { kind }: Event): Response {
  if (error instanceof Response) return refusalOf(error);
  report(error);
  return kind === 'submit' ? notSent() : transientError(503, 'the server failed');
}

function report(error: unknown): void {
  console.error(error);
}

/** Lets work go on after the answer, where the runtime gives a way. */
function waitUntilOf(contexts: unknown[]): WaitUntil {
  return (work) => {
    for (const context of contexts) {
      try {
        (context as { waitUntil?: WaitUntil } | null | undefined)?.waitUntil?.(work.catch(ignore));
      } catch {
        // The answer has gone, or the context is of another kind.
      }
    }
  };
}
