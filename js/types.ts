/** What to generate. */
export interface AudioRequest {
  /** What to generate, in words; not blank. */
  prompt: string;
  /** Start point of the clip in seconds: a whole number, 1 to 47. */
  secondsStart?: number | undefined;
  /** Duration of the clip in seconds: a whole number, 1 to 47. The service's default is 30. */
  secondsTotal?: number | undefined;
  /** Denoising steps: a whole number, 1 to 1000. The service's default is 100; each step is billed. */
  steps?: number | undefined;
}

/** What a key function is told. */
export interface KeyContext {
  /** Aborted when the key is no longer wanted. */
  signal: AbortSignal;
  /** The last key was refused with a 401: give another one, or the call fails. */
  afterUnauthorized: boolean;
}

/** What a client is made with. Read once, when it is made. */
export interface ClientOptions {
  /**
   * The API key, or a function that gives it. A function is asked before every request, and once
   * more, with `afterUnauthorized`, after a 401. Leave it out where `baseUrl` is a proxy that adds
   * the key. A key in a page can be read by whoever opens the page.
   */
  apiKey?: string | ((context: KeyContext) => string | Promise<string>) | undefined;
  /**
   * Where requests go: absolute or relative (`'/api'`), for a proxy of your own.
   * @defaultValue 'https://api.aimlapi.com'
   */
  baseUrl?: string | undefined;
  /** Used instead of the global `fetch`, which is otherwise looked up at each call. */
  fetch?: typeof fetch | undefined;
  /**
   * How many `generate` and `waitFor` calls of this client run at once: a whole number from 1. The
   * rest wait in order of arrival, unsent, and their clocks have not started.
   * @defaultValue Infinity
   */
  maxConcurrent?: number | undefined;
  /**
   * Where to ask what became of a submit whose reply was lost. Without it an unknown outcome ends the
   * call with `submit_unknown`.
   *
   * - `'server'`: `baseUrl` leads to `stable-audio-client/server`. A repeated submit creates one
   *   generation, and is sent again only where the server says that it never saw the first.
   * - `'logs'`: the service's own logs, for extensions, servers and scripts. Never sent again. Needs a
   *   key that may read the logs, and sends one more header, which the service may not admit from a page.
   *
   * With either, a submit without an answer after 60 s is given up and looked up.
   */
  recovery?: 'server' | 'logs' | undefined;
  /**
   * Sends each submit's body as a stream. Where a connection fails, browsers send a POST again by
   * themselves, unseen by the page, and each that arrives may be billed; a stream they cannot send again.
   * Takes effect in Chromium over HTTP/2 and HTTP/3, and in the `fetch` of Node, Deno and Bun. Elsewhere,
   * with a `fetch` of your own, and in a page that a service worker controls, nothing changes.
   *
   * The server must take a body whose length it is not told, which the service was not seen to do yet.
   * After a 400, 411, 413, 415 or 501, which cost nothing, the body is sent once more, not as a stream. In a
   * worker whose requests a service worker answers, leave this off: neither can be told there, and a
   * submit over HTTP/1.1 is then `submit_unknown`.
   * @defaultValue false
   */
  streamSubmit?: boolean | undefined;
}

/** What a single request can be given. */
export interface RequestOptions {
  /** Rejects the call at once with an `AbortError`, and aborts its request. */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds, above 0; `Infinity` is allowed.
   * @defaultValue 600_000; 30_000 for `check`
   */
  timeoutMs?: number | undefined;
}

/** What a submit can be given. */
export interface SubmitOptions extends RequestOptions {
  /**
   * With `recovery`, the name by which the submit is known again: 1 to 128 of `A-Z a-z 0-9 . _ : -`. One
   * key is one request for ever. With `recovery: 'server'` submitting twice with it creates one generation,
   * also after a reload; the service's logs stop no second one: there only ask `recover`. Begin it with a
   * UUID, so that it is nobody else's.
   * @defaultValue a UUID
   */
  idempotencyKey?: string | undefined;
  /**
   * Called, and awaited, before each POST leaves: store what you mean to do here. If it throws or
   * rejects, nothing is sent and the call rejects with `callback_failed`.
   */
  onSubmitting?: (() => void | Promise<void>) | undefined;
}

/** What a look-up can be given. */
export interface RecoverOptions extends RequestOptions {
  /**
   * When the submit was first sent, in epoch milliseconds. Without it no server is believed that says
   * that the submit never arrived: it may have forgotten.
   */
  submittedAt?: number | undefined;
}

/** What a download can be given. */
export interface DownloadOptions extends RequestOptions {
  /** Called as bytes arrive. `loaded` may exceed `total` (a compressed transfer). */
  onProgress?: ((progress: { loaded: number; total?: number }) => void) | undefined;
}

/** What a waiting call can be given. */
export interface WaitOptions {
  /**
   * Rejects the call at once with an `AbortError`. What was submitted goes on at the service; the
   * error's `generation` resumes it.
   */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds by the wall clock, above 0; `Infinity` is allowed.
   * @defaultValue 600_000
   */
  timeoutMs?: number | undefined;
  /**
   * `'adaptive'` asks when an answer can be expected: not before one is likely, often around that
   * moment, seldom after, and on average no more than the service's documented loop. It begins
   * with the documented 30-60 s at 100 steps and learns from what completes in this page. A number
   * (milliseconds, from 1000) asks at once, then that long after each reply; 10_000 is the
   * documented loop.
   * @defaultValue 'adaptive'
   */
  pollIntervalMs?: number | 'adaptive' | undefined;
  /** Of `generate`'s submit, as in {@link SubmitOptions}. */
  idempotencyKey?: string | undefined;
  /**
   * Called, and awaited, before each POST leaves: store what you mean to do here. If it throws or
   * rejects, nothing is sent and the call rejects with `callback_failed`.
   */
  onSubmitting?: (() => void | Promise<void>) | undefined;
  /**
   * Called once the service has accepted the job and awaited before the first poll: store the
   * generation here, and a reload loses nothing. If it throws or rejects, the call rejects with
   * `callback_failed`. Not called by `waitFor`.
   */
  onSubmitted?: ((generation: Generation) => void | Promise<void>) | undefined;
  /** Called after every poll, also where that met a transient error. */
  onStatus?: ((generation: Generation) => void) | undefined;
}

/** The transient error of a poll. */
export interface PollError {
  code: 'network' | 'timeout' | 'http' | 'body' | 'rate_limited';
  httpStatus?: number;
}

/**
 * The snapshot of a generation. Plain JSON and structured-cloneable: store it anywhere, resume from
 * it in another page, worker or day. Holds no key.
 */
export interface Generation {
  /** The service's opaque name for the job. */
  id: string;
  /** The last known status; a status that is not documented keeps it. */
  status: 'queued' | 'generating' | 'completed' | 'error';
  /** When the job was accepted, in epoch milliseconds; for a bare id, when it was first seen. */
  submittedAt: number;
  /** When `check` is next worth calling, in epoch milliseconds; absent once final. */
  nextCheckAt?: number;
  /** When completion is expected, in epoch milliseconds. */
  expectedAt?: number;
  /** What was asked for, where it is known. */
  request?: AudioRequest;
  /** What the service says that it charged, in credits. */
  creditsUsed?: number;
  /** What the service says that it charged, in US dollars. */
  usdSpent?: number;
  /** The track, once completed. */
  audio?: AudioFile;
  /** The service's or its provider's message, once failed. */
  error?: string;
  /** What resuming needs to know; of no interest otherwise. */
  polling: Polling;
}

/** What is known of the polls of a generation so far. */
export interface Polling {
  /** Polls made so far. */
  checks: number;
  /** Consecutive transient errors; 0 after a good reply. */
  errors: number;
  /** Consecutive 404s; a transient error neither counts nor resets them. */
  notFound: number;
  /** Consecutive statuses that are not documented; likewise. */
  unknownStatus: number;
  /** Consecutive `completed` replies that gave no http(s) URL; likewise. */
  missingUrl: number;
  /** What the last poll met, if it met a transient error. */
  lastError?: PollError;
}

/** A finished track. */
export interface AudioFile {
  /** http or https. Its lifetime is not documented: download promptly. */
  url: string;
  /** The service's label. It says `application/octet-stream` for a WAV: trust the bytes. */
  contentType?: string;
  /** The service's name for the file. */
  fileName?: string;
  /** Size in bytes. */
  fileSize?: number;
  /** The id of the generation that made it. */
  generationId: string;
}

/**
 * Why a call failed. `error.retryable` says whether that very call can be repeated.
 *
 * Before anything was sent, so nothing was spent:
 * - `invalid_argument`: a bad request, option, snapshot or key
 * - `credentials_failed`: the key function threw, rejected or gave no usable key
 * - `offline`: a submit while the browser says that it is offline
 * - `unsupported`: no `fetch` or `WebAssembly`, or forbidden by the page's policy; or the module failed,
 *   which it says
 *
 * The service refused, so nothing was spent:
 * - `unauthorized`: 401
 * - `out_of_credits`, `forbidden`: 403
 * - `rejected`: any other 4xx, or a redirect
 * - `rate_limited`: 429 until the deadline
 *
 * It may have been billed, and is never sent again by itself:
 * - `submit_unknown`: what became of the POST cannot be known; with `error.idempotencyKey`, `recover` may tell
 * - `bad_reply`: a reply without an id, or completed without a URL
 *
 * The job has an id; `error.generation` is its last snapshot:
 * - `generation_failed`: the service says so, and does not bill it
 * - `not_found`: four consecutive 404s
 * - `unknown_status`: five consecutive undocumented statuses
 * - `callback_failed`: `onSubmitted` threw or rejected; the job goes on (`onSubmitting`: nothing was sent)
 *
 * At any time:
 * - `deadline`: `timeoutMs` passed; with a generation, the job goes on
 * - `aborted`: by the caller's signal; a job goes on
 * - `download_failed`: the file could not be fetched whole, or is no audio
 */
export type ErrorCode =
  | 'invalid_argument'
  | 'credentials_failed'
  | 'unauthorized'
  | 'out_of_credits'
  | 'forbidden'
  | 'rejected'
  | 'rate_limited'
  | 'offline'
  | 'submit_unknown'
  | 'not_found'
  | 'generation_failed'
  | 'unknown_status'
  | 'bad_reply'
  | 'deadline'
  | 'callback_failed'
  | 'download_failed'
  | 'aborted'
  | 'unsupported';

/** A {@link StableAudioError} as plain data, which crosses workers and storage. */
export interface SerializedError {
  code: ErrorCode;
  message: string;
  retryable: boolean;
  generation?: Generation;
  httpStatus?: number;
  requestId?: string;
  idempotencyKey?: string;
}

/** `WebAssembly.Module`, where the compiler knows it: Node's types do not have it. */
type WasmModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } } ? Module : object;

/**
 * Where `ready` finds the module: its bytes, the compiled module, or a URL or reply that gives the
 * bytes. The bytes are those of `stable-audio-client/core.wasm`, of the same version.
 */
export type ModuleSource = ArrayBuffer | ArrayBufferView | WasmModule | Response | PromiseLike<Response> | URL | string;
