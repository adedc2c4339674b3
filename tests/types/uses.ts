// What users write, as the compiler sees it. A line that must not compile says so.

import {
  StableAudio,
  StableAudioError,
  generateAudio,
  isStableAudioError,
  ready,
  type AudioFile,
  type AudioRequest,
  type ClientOptions,
  type ErrorCode,
  type Generation,
  type KeyContext,
  type ModuleSource,
  type RequestOptions,
  type WaitOptions,
} from 'stable-audio-client';
import * as slim from 'stable-audio-client/slim';

/** Whether two types are the same one. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_ extends true>(): void => {};

declare const apiKey: string;
declare const signal: AbortSignal;
declare const stored: Generation;

export async function oneCall(): Promise<string> {
  const url = await generateAudio('rain on a tin roof', { apiKey, signal, timeoutMs: 120_000 });
  is<Same<typeof url, string>>();
  await generateAudio({ prompt: 'rain', secondsStart: 1, secondsTotal: 47, steps: 1000 }, { baseUrl: '/api' });
  return url;
}

export async function client(): Promise<Blob> {
  const options: ClientOptions = {
    apiKey: async ({ signal: wanted, afterUnauthorized }) => {
      is<Same<typeof wanted, AbortSignal>>();
      is<Same<typeof afterUnauthorized, boolean>>();
      return 'key';
    },
    fetch: globalThis.fetch,
    maxConcurrent: Infinity,
    recovery: 'server',
    streamSubmit: true,
  };
  const audio = new StableAudio(options);
  const submitted = await audio.submit('rain', { timeoutMs: 5000, idempotencyKey: 'a' });
  is<Same<typeof submitted, Generation>>();
  is<Same<Awaited<ReturnType<typeof audio.check>>, Generation>>();
  await audio.check(submitted.id);
  const file = await audio.waitFor(stored, {
    pollIntervalMs: 10_000,
    onStatus: ({ status, nextCheckAt }) => {
      is<Same<typeof status, 'queued' | 'generating' | 'completed' | 'error'>>();
      is<Same<typeof nextCheckAt, number | undefined>>();
    },
    onSubmitted: async (generation) => localStorage.setItem('job', JSON.stringify(generation)),
  });
  is<Same<typeof file, AudioFile>>();
  return audio.download(file, { signal, onProgress: ({ loaded, total }) => void (loaded + (total ?? 0)) });
}

export async function recovered(error: StableAudioError): Promise<string> {
  const client = new StableAudio({ apiKey, recovery: 'logs' });
  const found = await client.recover(error.idempotencyKey ?? 'a', { signal, timeoutMs: 5000, submittedAt: Date.now() });
  is<Same<typeof found, Generation | undefined>>();
  is<Same<typeof error.idempotencyKey, string | undefined>>();
  return found ? (await client.waitFor(found)).url : client.generate('rain', { idempotencyKey: 'a' });
}

export function errors(error: unknown): string | undefined {
  if (!isStableAudioError(error)) return undefined;
  is<Same<typeof error, StableAudioError>>();
  is<Same<typeof error.generation, Generation | undefined>>();
  is<Same<typeof error.httpStatus, number | undefined>>();
  is<Same<typeof error.retryable, boolean>>();
  is<Same<typeof error.cause, unknown>>();
  switch (error.code) {
    case 'out_of_credits':
      is<Same<typeof error.code, 'out_of_credits'>>();
      return 'top up';
    case 'submit_unknown':
      return 'it may have been billed';
    default:
      is<Same<typeof error.code, Exclude<ErrorCode, 'out_of_credits' | 'submit_unknown'>>>();
      return StableAudioError.fromJSON(JSON.parse(JSON.stringify(error))).message;
  }
}

/** Fails to compile when a code is added that is not handled. */
export function everyCode(code: ErrorCode): boolean {
  switch (code) {
    case 'invalid_argument':
    case 'credentials_failed':
    case 'unauthorized':
    case 'out_of_credits':
    case 'forbidden':
    case 'rejected':
    case 'rate_limited':
    case 'offline':
    case 'submit_unknown':
    case 'not_found':
    case 'generation_failed':
    case 'unknown_status':
    case 'bad_reply':
    case 'deadline':
    case 'callback_failed':
    case 'download_failed':
    case 'aborted':
    case 'unsupported':
      return true;
    default:
      return code satisfies never;
  }
}

export async function sources(bytes: Uint8Array<ArrayBuffer>, module: WebAssembly.Module): Promise<void> {
  const all: ModuleSource[] = [
    bytes,
    bytes.buffer,
    module,
    fetch('/core.wasm'),
    new URL('https://a.test/'),
    '/core.wasm',
  ];
  await Promise.all(all.map((source) => slim.ready(source)));
  await ready();
  await ready(await fetch('/core.wasm'));
  is<Same<typeof slim.StableAudio, typeof StableAudio>>();
}

export function optionsOfOthers(context: KeyContext, step: RequestOptions, wait: WaitOptions): AudioRequest {
  step satisfies WaitOptions;
  void [context, wait];
  return { prompt: 'rain' };
}

/** Every optional property takes `undefined` too, for what may or may not be set. */
export function undefineds(audio: StableAudio, apiKey?: string, signal?: AbortSignal, steps?: number): void {
  const undefineds = { baseUrl: undefined, fetch: undefined, recovery: undefined, streamSubmit: undefined };
  void new StableAudio({ apiKey, ...undefineds });
  const request = { prompt: 'rain', secondsStart: undefined, secondsTotal: undefined, steps };
  const callbacks = { onSubmitting: undefined, onSubmitted: undefined, onStatus: undefined, idempotencyKey: undefined };
  void generateAudio(request, { apiKey, signal, timeoutMs: undefined, pollIntervalMs: undefined, ...callbacks });
  void audio.submit(request, { signal, timeoutMs: undefined, idempotencyKey: undefined, onSubmitting: undefined });
  void audio.recover('a', { signal, timeoutMs: undefined, submittedAt: undefined });
  void audio.download(new URL('https://cdn.test/a.wav'), { signal, timeoutMs: undefined, onProgress: undefined });
}

export function mistakes(audio: StableAudio): void {
  // @ts-expect-error: errors are made by the package alone.
  void new StableAudioError('boom');
  // @ts-expect-error: the prompt is required.
  void generateAudio({ steps: 10 });
  // @ts-expect-error: numbers are numbers.
  void generateAudio({ prompt: 'rain', steps: '10' });
  // @ts-expect-error: JavaScript's spelling, not the service's.
  void generateAudio({ prompt: 'rain', seconds_total: 30 });
  // @ts-expect-error: no such option.
  void new StableAudio({ apikey: 'key' });
  // @ts-expect-error: a key function gives a string.
  void new StableAudio({ apiKey: () => 1 });
  // @ts-expect-error: a client's option, not a call's.
  void audio.generate('rain', { apiKey: 'key' });
  // @ts-expect-error: a submit does not wait.
  void audio.submit('rain', { pollIntervalMs: 1000 });
  // @ts-expect-error: one word, or a number.
  void audio.generate('rain', { pollIntervalMs: 'slow' });
  // @ts-expect-error: an abort needs a signal, not a controller.
  void audio.generate('rain', { signal: new AbortController() });
  // @ts-expect-error: two places to ask, and no other.
  void new StableAudio({ recovery: 'ledger' });
  // @ts-expect-error: a moment is a number.
  void audio.recover('a', { submittedAt: new Date() });
  // @ts-expect-error: what may never have arrived is no generation.
  void audio.recover('a').then((generation) => audio.waitFor(generation));
  // @ts-expect-error: a job is named by its id or its snapshot.
  void audio.check(1);
  // @ts-expect-error: an audio file is not a generation.
  void audio.waitFor({ url: 'https://a.test/', generationId: 'a' } satisfies AudioFile);
  // @ts-expect-error: snapshots are read, not thrown together.
  void audio.check({ id: 'a', status: 'done' });
  // @ts-expect-error: slim needs the module.
  void slim.ready();
  // @ts-expect-error: errors are read.
  void (StableAudioError.fromJSON({}).code = 'aborted');
  // @ts-expect-error: nobody but the package makes one.
  void new StableAudioError('boom');
  // @ts-expect-error: no such code.
  void (new Error() as StableAudioError).code.startsWith('x') satisfies 'timeout';
  // @ts-expect-error: only what the entries name can be imported.
  void import('stable-audio-client/dist/load.js');
}
