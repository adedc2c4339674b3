/**
 * Browser client for AI/ML API's `stable-audio` model: a prompt in, the URL of a finished track out.
 * @packageDocumentation
 */

import type { Client } from '../target/pkg/binding.js';

import { StableAudioError, type ErrorData } from './error.js';
import { load, loaded } from './load.js';
import type {
  AudioFile,
  AudioRequest,
  ClientOptions,
  DownloadOptions,
  Generation,
  ModuleSource,
  StepOptions,
  WaitOptions,
} from './types.js';

export { StableAudioError, isStableAudioError } from './error.js';
export type * from './types.js';

/**
 * Generates audio: submits, waits, resolves to the audio's URL. One POST, which may be billed, is
 * never sent again by itself where it may have been accepted.
 *
 * ```ts
 * const url = await generateAudio('rain on a tin roof', { apiKey });
 * ```
 */
export async function generateAudio(
  request: string | AudioRequest,
  options?: ClientOptions & WaitOptions,
): Promise<string> {
  return new Caller(options, true).call('generate', request, options);
}

/**
 * Loads the module ahead of the first call, which otherwise does. The module is in this package's
 * file; a source is for those who would rather bring `stable-audio-client/core.wasm` themselves. Once
 * it is loaded, a further source is not looked at.
 */
export async function ready(source?: ModuleSource): Promise<void> {
  await load(source);
}

/** A client: options that are read once, and the calls made with them. */
export class StableAudio {
  readonly #caller: Caller;

  /** Never throws and sends nothing: a mistake in the options is what the first call rejects with. */
  constructor(options?: ClientOptions) {
    this.#caller = new Caller(options, false);
  }

  /** Submits and waits; resolves to the audio's URL. One POST, which may be billed. */
  generate(request: string | AudioRequest, options?: WaitOptions): Promise<string> {
    return this.#caller.call('generate', request, options);
  }

  /** Sends one POST, which may be billed; resolves to the first snapshot. */
  submit(request: string | AudioRequest, options?: StepOptions): Promise<Generation> {
    return this.#caller.call('submit', request, options);
  }

  /**
   * Sends one GET; resolves to the next snapshot, a passing fault included. Rejects only for final
   * causes. For a background that may die between two steps: store, sleep until `nextCheckAt`, check.
   */
  check(generation: Generation | string, options?: StepOptions): Promise<Generation> {
    return this.#caller.call('check', generation, options);
  }

  /** Checks and sleeps until the generation is final; resolves to its audio. */
  waitFor(generation: Generation | string, options?: WaitOptions): Promise<AudioFile> {
    return this.#caller.call('waitFor', generation, options);
  }

  /** Fetches the file, without the key. The Blob's type comes from its bytes. */
  download(audio: AudioFile | string, options?: DownloadOptions): Promise<Blob> {
    return this.#caller.call('download', audio, options);
  }
}

type Method = 'generate' | 'submit' | 'check' | 'waitFor' | 'download';

/** Takes everything in at once, loads the module, and makes its rejections errors. */
class Caller {
  readonly #options: unknown;
  readonly #merged: boolean;
  readonly #mistake: StableAudioError | undefined;
  #client: Client | undefined;

  constructor(options: unknown, merged: boolean) {
    this.#merged = merged;
    try {
      this.#options = copy(options);
    } catch (error) {
      this.#mistake = error as StableAudioError;
    }
  }

  async call<T>(method: Method, subject: unknown, options: unknown): Promise<T> {
    if (this.#mistake) throw this.#mistake;
    const given = [copy(subject), copy(options)] as const;
    const Client = loaded ?? (await unlessAborted(load(), given[1], known(method, given[0])));
    this.#client ??= new Client(this.#options, this.#merged);
    try {
      return (await this.#client[method](...given)) as T;
    } catch (data) {
      throw new StableAudioError(data as ErrorData);
    }
  }
}

/** A copy of an options object, so that what its owner does later changes nothing. */
function copy(given: unknown): unknown {
  try {
    return typeof given === 'object' && given && !Array.isArray(given) ? { ...given } : given;
  } catch (cause) {
    const message = 'an argument cannot be read: one of its getters threw; nothing was sent';
    throw new StableAudioError({ code: 'invalid_argument', message, retryable: false, cause });
  }
}

/** The generation that a call is about, as far as that can be told without the module. */
function known(method: Method, subject: unknown): Generation | undefined {
  if (method !== 'check' && method !== 'waitFor') return undefined;
  const unread = { status: 'queued', submittedAt: Date.now(), checks: 0, faults: 0, misses: 0, unknowns: 0 } as const;
  if (typeof subject === 'string') return { id: subject, ...unread };
  return typeof (subject as Generation | undefined)?.id === 'string' ? (subject as Generation) : undefined;
}

/** Waits for the module, unless the caller's signal comes first. */
function unlessAborted<T>(loading: Promise<T>, options: unknown, generation?: Generation): Promise<T> {
  const { signal } = Object(options) as { signal?: AbortSignal };
  return new Promise((resolve, reject) => {
    const stop = () => {
      try {
        signal?.removeEventListener('abort', abort);
      } catch {
        // A signal that cannot be listened to: the module refuses it.
      }
    };
    const abort = () => {
      stop();
      const message = generation
        ? 'aborted; the generation itself may go on at the service: resume it with waitFor'
        : 'aborted; nothing was spent';
      const cause: unknown = signal?.reason;
      reject(
        new StableAudioError({
          code: 'aborted',
          message,
          retryable: true,
          cause,
          ...(generation && { generation }),
        }),
      );
    };
    try {
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort);
    } catch {
      // As above.
    }
    loading.finally(stop).then(resolve, reject);
  });
}
