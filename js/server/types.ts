import type { AudioRequest } from '../types.js';

export type { AudioRequest };

/** What a request asks for, as `authorize` and `spend` see it. */
export type Call =
  | {
      kind: 'submit';
      /** What goes to the service, with what `limits` filled in. */
      request: AudioRequest;
      /** What it costs, by the service's documented price: 252 credits a step; 2,000,000 are one US dollar. */
      credits: number;
      /** The client's idempotency key, where it sent one. */
      idempotencyKey?: string;
    }
  | {
      kind: 'poll';
      /** The generation's id. */
      id: string;
    }
  | {
      kind: 'lookup';
      /** The key of the submit that is looked up. */
      idempotencyKey: string;
    };

/** The one kind of call that costs something. */
export type SubmitCall = Extract<Call, { kind: 'submit' }>;

/** The user's name to allow; a Response, or anything falsy (a 403), to refuse. */
export type Authorization = string | Response | null | undefined | false;

/** What a request came to, for logs and metrics. Holds no key and no prompt. */
export interface CallEvent {
  /** What `authorize` gave; absent where it refused or was not asked. */
  user?: string;
  kind: Call['kind'];
  /** The HTTP status that was answered. */
  status: number;
  /**
   * What this very request may have been billed: only of a submit that went to the service and was
   * not refused. The sum over all events counts nothing twice.
   */
  credits?: number;
  /** From the request's arrival to its answer. */
  milliseconds: number;
  /**
   * Of submits. `accepted`: the service created a generation. `refused`: nothing was spent.
   * `unknown`: it may have been billed, or is still under way. `repeated`: the outcome of an
   * earlier submit with the same key was given again.
   */
  outcome?: 'accepted' | 'refused' | 'unknown' | 'repeated';
}

/** Bounds below the service's own. A request above one is a 400, and nothing is spent. */
export interface Limits {
  /**
   * Denoising steps, from 1; each costs 252 credits. A request without `steps` counts as 100; a
   * lower limit is filled in.
   * @defaultValue 100
   */
  steps?: number | undefined;
  /**
   * Seconds of audio, from 1. A request without `secondsTotal` counts as 30; a lower limit is
   * filled in.
   * @defaultValue 47
   */
  secondsTotal?: number | undefined;
  /**
   * Characters of the prompt, from 1.
   * @defaultValue 2_000
   */
  promptLength?: number | undefined;
}

/** What a handler is made with. Read once, when it is made. */
export interface HandlerOptions {
  /**
   * The service's key, or a function that gives it. A function is asked at each request, never when
   * the handler is made. Without a usable key (a string of visible ASCII), such as where a variable
   * of the environment is not set, requests are answered by a 503, and nothing is sent.
   */
  apiKey: string | undefined | (() => string | undefined | Promise<string | undefined>);
  /**
   * Says who asks: the user's name to allow, a Response or anything falsy to refuse (403). The name
   * is any string that stays the same over log-ins, so no session's id: a lost submit is looked up
   * under it. Asked once for each request, after the checks of shape and never for a preflight; the
   * request's body has been read. Spends nothing: a repeated submit asks again. A Response that it
   * throws refuses too; where it throws anything else, a 503 is answered, and nothing is sent.
   */
  authorize(request: Request, call: Call): Authorization | Promise<Authorization>;
  /**
   * Asked once for each submit that really goes to the service, with a key or without: the place for
   * quotas and budgets. `true` allows; a Response, anything else or a throw refuses (403), and the
   * key can be used again. Has 30 s. What the service then refuses is not taken back here: `onCall`
   * tells of it. Without it every authorized submit is paid for.
   */
  spend?: ((user: string, call: SubmitCall) => boolean | Response | Promise<boolean | Response>) | undefined;
  /** Bounds of a request below the service's own. */
  limits?: Limits | undefined;
  /**
   * Where outcomes are kept. Only one that outlives the process, and that all processes share, stops
   * a browser's own repeat after a crash.
   * @defaultValue memoryStore()
   */
  store?: Store | undefined;
  /**
   * `'logs'` looks unknown outcomes up in the service's logs (`GET /v2/logs`, at most every 20 s in
   * each process), which the key must be allowed to read. Costs nothing.
   */
  recovery?: 'logs' | undefined;
  /**
   * Origins of pages elsewhere that may use this server, such as `https://app.example`. Give their
   * requests a session that `authorize` can check: cookies are not sent from there.
   * @defaultValue none: pages of the same origin only
   */
  allowOrigins?: readonly string[] | undefined;
  /**
   * Where the service is.
   * @defaultValue 'https://api.aimlapi.com'
   */
  baseUrl?: string | undefined;
  /** Used instead of the global `fetch`, which is otherwise looked up at each request. */
  fetch?: typeof fetch | undefined;
  /** Told what each request came to, once it has. What it throws is dropped. */
  onCall?: ((event: CallEvent) => void) | undefined;
}

/**
 * Answers a request. Of the further arguments that a runtime gives, one with `waitUntil` lets a
 * submit go on after the page has gone.
 */
export type Handler = (request: Request, ...context: unknown[]) => Promise<Response>;

/**
 * Where outcomes are kept, by name, for a day each. Values are JSON text of about a kilobyte: a
 * user's name, a digest of the request, the service's reply; no key and no prompt. A call that takes
 * longer than 5 s is given up.
 */
export interface Store {
  /**
   * Sets the value if the name is free, atomically: of two processes one wins. Gives `undefined` to
   * the one that it belongs to now, to any other what is there.
   */
  claim(key: string, value: string, ttlMs: number): Promise<string | undefined>;
  /** Sees every earlier claim, set and delete: no replica that lags, no Workers KV. */
  get(key: string): Promise<string | undefined>;
  /** The value lives for the whole of `ttlMs`, in milliseconds. */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /**
   * Only the owner of a value deletes it, so `value`, which it had, need not be looked at. A driver
   * that may send a command twice should delete only what still has that value.
   */
  delete(key: string, value?: string): Promise<void>;
  /**
   * For how many milliseconds nothing was forgotten; 0, or no such method, where that cannot be
   * said. It is what makes a client believe that its submit never arrived, and send it again: too
   * high an answer pays twice, too low a one only gives up.
   */
  reach?(): number | Promise<number>;
}

/** What `memoryStore` is made with. */
export interface MemoryStoreOptions {
  /**
   * This is the only process that ever answers, so a key that is not in its memory since it started
   * was never used. Leave it out where there may be two, also for a moment while one replaces the
   * other, and on serverless platforms.
   * @defaultValue false: its reach is 0
   */
  onlyProcess?: boolean | undefined;
}

/** A connected client of node-redis (`sendCommand`) or ioredis (`call`), used by shape. */
export type RedisLike =
  { call(command: string, ...args: string[]): Promise<unknown> } | { sendCommand(args: string[]): Promise<unknown> };
