import { bind, type Binding } from '../target/pkg/binding.js';

import { arrival, core } from '#core';
import type { Loading } from './arrival.js';
import { StableAudioError, failure } from './error.js';
import type { ModuleSource } from './types.js';

/** A module that was started. */
export type Module = Pick<Binding, 'connect'>;

let current: Module | undefined;
/** The package's own module, on its way. */
let loading: Promise<Module> | undefined;
/** One that the caller brings, on its way. */
let given: Promise<Module> | undefined;

/** The module, once it is there. */
export function loaded(): Module | undefined {
  return current;
}

/** Starts what the caller brings, if anything; where the module is there already, it is not looked at. */
export async function bring(source: ModuleSource | undefined): Promise<void> {
  if (current || source === undefined) return void (await arrival(load()));
  const started = start(() => read(source)).finally(() => {
    if (given === started) given = undefined;
  });
  given = started;
  await started;
}

/**
 * Loads the module once; after a failure, the next call tries again. What the caller brings and the
 * package's own race: neither a source that never answers nor a page's policy holds up the other.
 */
export function load(): Loading<Module> {
  if (current) return { own: Promise.resolve(current), given };
  loading ??= start(core).finally(() => {
    loading = undefined;
  });
  return { own: loading, given };
}

/** Forgets a module that trapped: the next call starts a fresh one. */
export function discard(module: Module): void {
  if (current === module) current = undefined;
}

async function start(find: () => unknown): Promise<Module> {
  try {
    for (const name of ['WebAssembly', 'TextDecoder', 'TextEncoder'] as const) {
      if (!(globalThis as Record<string, unknown>)[name])
        throw failure('unsupported', `this environment has no ${name}`);
    }
    const made = await instantiate(await find());
    // Of two that were on their way, the first to come.
    return (current ??= made);
  } catch (cause) {
    if (cause instanceof StableAudioError) throw cause;
    throw failure('unsupported', 'the module cannot be started (out of stack or memory?)', { cause });
  }
}

async function instantiate(code: unknown): Promise<Module> {
  const { connect, imports, start } = bind();
  try {
    start((await instance(code, imports)).exports);
    return { connect };
  } catch (cause) {
    const { name } = cause as Error;
    // A RangeError or a RuntimeError: out of memory or stack.
    if (name.startsWith('R')) throw cause;
    throw isModule(code) && !/^(Type|Link)Error$/.test(name)
      ? failure('unsupported', `the page's policy forbids WebAssembly: ${policy()}`, { cause })
      : failure('invalid_argument', 'the source given to ready() is not this version of the module', { cause });
  }
}

/** What a page or an extension has to allow. */
function policy(): string {
  const extension = globalThis.location?.protocol.endsWith('extension:');
  const place = extension ? '"content_security_policy": { "extension_pages": … } in the manifest' : 'script-src';
  return `${place} needs 'wasm-unsafe-eval'`;
}

/**
 * Made at once, which takes a millisecond; an engine's own turn for it takes several, in which fake
 * timers would run ahead of it. Older engines refuse that to a page, and every one refuses what is a
 * module already: those take their turn.
 */
async function instance(code: unknown, imports: WebAssembly.Imports): Promise<WebAssembly.Instance> {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(code as BufferSource), imports);
  } catch {
    const made = await WebAssembly.instantiate(code as BufferSource | WebAssembly.Module, imports);
    return 'instance' in made ? (made.instance as WebAssembly.Instance) : made;
  }
}

/** What the caller of `ready` gave, as bytes or a module; by shape, since realms differ. */
async function read(given: ModuleSource): Promise<unknown> {
  try {
    let source: unknown = await given;
    if (typeof source === 'string' || (source as URL).href) source = await fetch(source as string);
    const { ok, status, arrayBuffer } = source as Response;
    if (ok === false) throw new Error(`HTTP ${status}`);
    return arrayBuffer ? await arrayBuffer.call(source) : source;
  } catch (cause) {
    throw failure('invalid_argument', 'the source given to ready() cannot be read', { cause });
  }
}

/** Whether these are a module's bytes, which a policy does not keep from being looked at. */
function isModule(code: unknown): boolean {
  try {
    return WebAssembly.validate(code as BufferSource);
  } catch {
    return false;
  }
}
