// One generation for each key, however often its submit arrives and whatever dies in between.

import { type Claim, type Claims, nameOf } from './claims.js';
import type { FindInLogs } from './logs.js';
import {
  type StoredReply,
  errorReply,
  transientError,
  fromStoredReply,
  json,
  submitUnknown,
  toStoredReply,
} from './reply.js';
import type { Sent } from './submit.js';
import { SECOND, ignore, sleep } from './time.js';

/** A submit that came with a key. */
export interface KeyedSubmit {
  user: string;
  key: string;
  body: string;
  /** Sends it for the claim, if it may be paid for; never rejects. */
  send(claim: Claim): Promise<Sent>;
  /** Lets work go on after the answer. */
  keep(work: Promise<unknown>): void;
}

/** A little less than serverless platforms give a request. */
const waitMs = 8 * SECOND;
/** Of a claim whose process has died. */
const staleMs = 60 * SECOND;
const firstPauseMs = 100;
const lastPauseMs = 1 * SECOND;

/** `find` looks in the service's logs, where it is given. */
export function idempotency(claims: Claims, find: FindInLogs | undefined) {
  return { submit, lookup };

  async function submit(request: KeyedSubmit): Promise<Sent | { outcome: 'repeated'; response: Response }> {
    const { user, key, keep } = request;
    const name = nameOf(user, key);
    const digest = await digestOf(request.body);
    const claim: Claim = { owner: crypto.randomUUID(), at: Date.now(), user, digest, state: 'sending' };
    const held = await claims.claim(name, claim, keep);
    return held ? repeat(name, held, user, digest) : first(name, claim, request);
  }

  async function first(name: string, claim: Claim, { send }: KeyedSubmit): Promise<Sent> {
    const { outcome, response } = await send(claim);
    if (outcome === 'unknown') {
      await claims.set(name, { ...claim, state: outcome }).catch(ignore);
      return unknown();
    }
    const reply = await toStoredReply(response);
    if (outcome === 'accepted') {
      await claims.set(name, { ...claim, state: outcome, reply }).catch(ignore);
    } else {
      await claims.refuse(claim, reply).catch(ignore);
      await claims.release(name, claim).catch(ignore);
    }
    return { outcome, response: new Response(reply.text, response) };
  }

  async function repeat(name: string, found: Claim, user: string, digest: string) {
    const until = Date.now() + waitMs;
    let held = found;
    for (let pause = firstPauseMs; ; pause = Math.min(2 * pause, lastPauseMs)) {
      if (held.user === user && held.digest !== digest) {
        throw errorReply(422, 'the idempotency key of another request');
      }
      const { state, reply } = await outcomeOf(name, held, user);
      if (state === 'unknown') return unknown();
      if (reply) return repeated(reply);
      if (Date.now() >= until) return inProgress();
      await sleep(pause);
      // A store that fails says nothing of the first one.
      const next = await claims.get(name).catch(() => held);
      if (!next) {
        const refusal = await claims.refusal(held).catch(ignore);
        return refusal ? repeated(refusal) : inProgress();
      }
      held = next;
    }
  }

  async function lookup(user: string, key: string): Promise<Response> {
    const name = nameOf(user, key);
    // Before the look: what is forgotten in between would else be within reach.
    const reach = await claims.reach();
    const held = await claims.get(name);
    const { state, reply } = held ? await outcomeOf(name, held, user) : { state: 'none' };
    return json(200, { idempotencyKey: key, state, reach, ...(reply && { reply: JSON.parse(reply.text) }) });
  }

  /** What became of a claim, as far as this user may know. */
  async function outcomeOf(name: string, claim: Claim, user: string): Promise<Pick<Claim, 'state' | 'reply'>> {
    // Somebody logged in meanwhile.
    if (claim.user !== user) return { state: 'unknown' };
    const alive = claim.state === 'sending' && Date.now() - claim.at < staleMs;
    if (claim.state === 'accepted' || alive) return claim;
    const id = await find?.(claim.owner, claim.at);
    if (id === undefined) return { state: 'unknown' };
    const reply = await toStoredReply(json(200, { id, status: 'queued' }, { 'x-inference-id': id }));
    const known: Claim = { ...claim, state: 'accepted', reply };
    await claims.set(name, known).catch(ignore);
    return known;
  }
}

function unknown(response = submitUnknown()): Sent {
  return { outcome: 'unknown', response };
}

function inProgress(): Sent {
  return unknown(transientError(409, 'the first submit is still under way'));
}

function repeated(reply: StoredReply) {
  return { outcome: 'repeated', response: fromStoredReply(reply, { 'idempotency-replayed': 'true' }) } as const;
}

async function digestOf(text: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))).join();
}
