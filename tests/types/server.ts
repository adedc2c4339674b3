// A server's code: Node's types and no browser's, and the drivers' own.

import { Redis } from 'ioredis';
import { createClient } from 'redis';
import {
  createHandler,
  memoryStore,
  redisStore,
  type AudioRequest,
  type Call,
  type CallEvent,
  type Handler,
  type HandlerOptions,
  type Store,
} from 'stable-audio-client/server';

export const POST: Handler = createHandler({
  apiKey: () => process.env['AIMLAPI_KEY'],
  authorize: (request) => request.headers.get('x-user'),
});
export { POST as GET, POST as OPTIONS };

/** A route of Next, a fetch of a Worker. */
export const next: (request: Request, context: { params: Promise<object> }) => Promise<Response> = POST;
export const worker: { fetch(request: Request, env: object, context: object): Promise<Response> } = { fetch: POST };

const stores: Store[] = [
  memoryStore(),
  memoryStore({ onlyProcess: true }),
  redisStore(createClient()),
  redisStore(new Redis({ lazyConnect: true })),
];

async function userOf(call: Call): Promise<string | Response> {
  if (call.kind === 'poll') return call.id;
  if (call.kind === 'lookup') return call.idempotencyKey;
  const request: AudioRequest = call.request;
  return call.credits > 1000 ? new Response(request.prompt, { status: 402 }) : (call.idempotencyKey ?? 'nobody');
}

export async function options(store: Store | undefined = stores[0]): Promise<HandlerOptions> {
  return {
    apiKey: process.env['AIMLAPI_KEY'],
    authorize: (_request, call) => userOf(call),
    spend: async (_user, { credits }) => credits < 100_000,
    limits: { steps: 50, secondsTotal: undefined },
    store,
    recovery: 'logs',
    allowOrigins: ['https://app.example'],
    baseUrl: undefined,
    fetch,
    onCall({ user = 'nobody', kind, outcome, credits = 0 }: CallEvent) {
      console.log(user, kind, outcome ?? '', credits);
    },
  };
}

/** What is asked for every call may be asked for submits, too. */
export const spend: HandlerOptions['spend'] = async (_user, call: Call) => typeof (await userOf(call)) === 'string';

/** A store of one's own need not know of `reach`, or of the value that `delete` is given. */
export class Table implements Store {
  readonly #rows = new Map<string, string>();
  async claim(key: string, value: string, _ttlMs: number): Promise<string | undefined> {
    const held = this.#rows.get(key);
    if (held === undefined) this.#rows.set(key, value);
    return held;
  }
  async get(key: string): Promise<string | undefined> {
    return this.#rows.get(key);
  }
  async set(key: string, value: string): Promise<void> {
    this.#rows.set(key, value);
  }
  async delete(key: string): Promise<void> {
    this.#rows.delete(key);
  }
}

// @ts-expect-error: who may spend must be said
createHandler({ apiKey: 'key' });
// @ts-expect-error: an option of another name
createHandler({ apiKey: 'key', authorize: () => 'ada', authorise: () => 'ada' });
// @ts-expect-error: true is nobody's name
createHandler({ apiKey: 'key', authorize: () => true });
