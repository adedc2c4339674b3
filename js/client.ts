import { whenLoaded } from '#core';
import { copyArgument } from './arguments.js';
import { StableAudioError, failure, isRejection } from './error.js';
import { discard, load, loaded, type Module } from './load.js';
import type {
  AudioFile,
  AudioRequest,
  ClientOptions,
  DownloadOptions,
  Generation,
  RecoverOptions,
  RequestOptions,
  SubmitOptions,
  WaitOptions,
} from './types.js';
import { now } from './timers.js';
import { randomUuid } from './uuid.js';

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
  return caller(options)('generateAudio', request, options);
}

/** A client: options that are read once, and the calls made with them. */
export class StableAudio {
  declare private readonly call: Call;

  /** Never throws and sends nothing: a mistake in the options is what the first call rejects with. */
  constructor(options?: ClientOptions) {
    // A function, not an object: stores that wrap what they hold in proxies leave functions alone.
    Object.defineProperty(this, 'call', { value: caller(options) });
  }

  /** Frameworks look here before they make a proxy of an object. */
  get [Symbol.toStringTag](): string {
    return 'StableAudio';
  }

  /** Submits and waits; resolves to the audio's URL. One POST, which may be billed. */
  async generate(request: string | AudioRequest, options?: WaitOptions): Promise<string> {
    return this.call('generate', request, options);
  }

  /** Sends one POST, which may be billed; resolves to the first snapshot. */
  async submit(request: string | AudioRequest, options?: SubmitOptions): Promise<Generation> {
    return this.call('submit', request, options);
  }

  /**
   * Sends one GET; resolves to the next snapshot, also where that met a transient error. Rejects only
   * for final causes. For a background that may die between two polls: store, sleep until `nextCheckAt`,
   * check.
   */
  async check(generation: Generation | string, options?: RequestOptions): Promise<Generation> {
    return this.call('check', generation, options);
  }

  /** Checks and sleeps until the generation is final; resolves to its audio. */
  async waitFor(generation: Generation | string, options?: WaitOptions): Promise<AudioFile> {
    return this.call('waitFor', generation, options);
  }

  /**
   * Finds out what became of a submit whose outcome nobody heard, by its idempotency key; costs nothing.
   * Resolves to the generation, or to undefined where a server says that the submit certainly never
   * arrived: then submit again with the same key, since the first may still arrive. Needs `recovery`. Where
   * it rejects, nothing is known yet: ask again later. Its `retryable` never counts for the submit.
   */
  async recover(idempotencyKey: string, options?: RecoverOptions): Promise<Generation | undefined> {
    return this.call('recover', idempotencyKey, options);
  }

  /** Fetches the file, without the key. The Blob's type comes from its bytes. */
  async download(audio: AudioFile | Generation | string | URL, options?: DownloadOptions): Promise<Blob> {
    return this.call('download', audio, options);
  }
}

/** The calls, by the numbers that the module knows them by. */
const methods = ['generate', 'submit', 'check', 'waitFor', 'recover', 'download', 'generateAudio'] as const;
type Method = (typeof methods)[number];
type Call = <T>(method: Method, subject: unknown, options: unknown) => Promise<T>;

/** Reads every argument at once, loads the module, and turns its rejections into errors. */
function caller(clientOptions: unknown): Call {
  let own: unknown;
  let mistake: unknown;
  let module: Module | undefined;
  let connection: ReturnType<Module['connect']> | undefined;
  try {
    own = read(clientOptions);
  } catch (error) {
    mistake = error;
  }
  return async <T>(method: Method, subject: unknown, options: unknown): Promise<T> => {
    if (mistake) throw mistake;
    const about = read(subject);
    const given = (method === 'generateAudio' ? own : read(options)) ?? Object.create(null);
    const began = now();
    const current = loaded() ?? (await whenLoaded(load(), { method, subject: about, options: given }));
    try {
      if (!connection || module !== current) {
        module = current;
        connection = module.connect(own, randomUuid);
      }
      return (await connection(methods.indexOf(method), about, given, now() - began)) as T;
    } catch (cause) {
      if (isRejection(cause)) throw StableAudioError.of(cause);
      discard(current);
      // The module writes them there as soon as they are known.
      const { generation, idempotencyKey } = given as { generation?: Generation; idempotencyKey?: string };
      const cost = 'a submit under way may have been billed';
      throw failure('unsupported', 'the module failed (out of stack or memory?)', {
        cause,
        generation,
        idempotencyKey,
        cost,
      });
    }
  };
}

function read(argument: unknown): unknown {
  try {
    return copyArgument(argument);
  } catch (cause) {
    throw failure('invalid_argument', 'an argument cannot be read: one of its getters threw', { cause });
  }
}
