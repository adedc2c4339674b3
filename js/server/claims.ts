// What a store keeps of a submit: who claimed its key, for what, and what became of it.

import type { StoredReply } from './reply.js';
import { DAY, SECOND, ignore, within } from './time.js';
import type { Store } from './types.js';

/**
 * `owner` names one claim and nothing else: the id that its submit is sent with. Only whoever made
 * it, or a row of the service's logs with that id, says what became of it.
 */
export interface Claim {
  owner: string;
  /** Epoch milliseconds. */
  at: number;
  user: string;
  /** Of the request: the same key with another one is an error. */
  digest: string;
  state: 'sending' | 'accepted' | 'unknown';
  reply?: StoredReply;
}

const timeoutMs = 5 * SECOND;
/** Longer than any duplicate waits. */
const refusalMs = 30 * SECOND;
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/i;

export type Claims = ReturnType<typeof claimsIn>;

/** The name of a user's key. One that begins with a UUID is nobody else's, so it has no user in its name. */
export function nameOf(user: string, key: string): string {
  // No key has a space.
  return `stable-audio:${key}${uuid.test(key) ? '' : ` ${user}`}`;
}

/** A store's claims. Every call rejects where the store fails or does not answer for 5 s. */
export function claimsIn(store: Store) {
  const read = async <T>(name: string) => parse<T>(await withTimeout(() => store.get(name)));

  return {
    get: (name: string) => read<Claim>(name),

    set: (name: string, claim: Claim) => withTimeout(() => store.set(name, JSON.stringify(claim), DAY)),

    /** Gives what holds the name, or undefined: it is ours. `keep` lets what is left to do outlive the answer. */
    async claim(name: string, claim: Claim, keep: (work: Promise<unknown>) => void): Promise<Claim | undefined> {
      const claiming = (async () => store.claim(name, JSON.stringify(claim), DAY))();
      try {
        const held = parse<Claim>(await within(timeoutMs, claiming));
        // The store's driver sent it twice.
        return held?.owner === claim.owner ? undefined : held;
      } catch (error) {
        // It may have been made nevertheless, also later; nothing will be sent for it.
        const undone = claiming.catch(ignore).then(() => this.release(name, claim));
        keep(undone.catch(ignore));
        await within(timeoutMs, undone).catch(ignore);
        throw error;
      }
    },

    /** Frees the name, if the claim still holds it. */
    async release(name: string, { owner }: Claim): Promise<void> {
      const value = await withTimeout(() => store.get(name));
      if (parse<Claim>(value)?.owner === owner) await withTimeout(() => store.delete(name, value as string));
    },

    /** Keeps a refusal for the duplicates that wait for it: the claim itself is released. */
    refuse: (claim: Claim, reply: StoredReply) =>
      withTimeout(() => store.set(refusalName(claim), JSON.stringify(reply), refusalMs)),

    refusal: (claim: Claim) => read<StoredReply>(refusalName(claim)),

    /** For how long nothing was forgotten, in milliseconds; 0 where that cannot be said. */
    async reach(): Promise<number> {
      const reach = await withTimeout(() => store.reach?.() ?? 0).catch(() => 0);
      // What is no number is 0.
      return Math.max(0, Math.min(DAY, reach) | 0);
    },
  };
}

function refusalName({ owner }: Claim): string {
  return `stable-audio:refused ${owner}`;
}

/** A store that throws rejects. */
async function withTimeout<T>(call: () => T | PromiseLike<T>): Promise<T> {
  return within(timeoutMs, call());
}

function parse<T>(text: string | null | undefined): T | undefined {
  return text === null || text === undefined ? undefined : (JSON.parse(text) as T);
}
