import { bind, type Binding } from '../target/pkg/binding.js';

import { core, whenLoaded } from '#core';
import { StableAudioError, failure } from './error.js';
import type { Loading } from './loading.js';
import type { ModuleSource } from './types.js';

/** A module that was started. */
export type Module = Pick<Binding, 'connect'>;

/** What a module is compiled from, or one that is compiled already. */
type Code = BufferSource | WebAssembly.Module;

let current: Module | undefined;
/** The package's own module, while it is being loaded. */
let loading: Promise<Module> | undefined;
/** One that the caller supplies, while it is being loaded. */
let supplied: Promise<Module> | undefined;

/** The module, once it is loaded. */
export function loaded(): Module | undefined {
  return current;
}

/** Starts what the caller supplies, if anything; once a module is loaded, it is ignored. */
export async function loadFrom(source: ModuleSource | undefined): Promise<void> {
  if (current || source === undefined) return void (await whenLoaded(load()));
  const started = start(() => read(source)).finally(() => {
    if (supplied === started) supplied = undefined;
  });
  supplied = started;
  await started;
}

/**
 * Loads the module once; after a failure, the next call tries again. What the caller supplies and the
 * package's own race: neither a source that never answers nor a page's policy holds up the other.
 */
export function load(): Loading<Module> {
  if (current) return { supplied, own: Promise.resolve(current) };
  loading ??= start(core).finally(() => {
    loading = undefined;
  });
  return { own: loading, supplied };
}

/** Discards a module that trapped: the next call starts a fresh one. */
export function discard(module: Module): void {
  if (current === module) current = undefined;
}

async function start(find: () => Code | Promise<Code>): Promise<Module> {
  try {
    for (const name of ['WebAssembly', 'TextDecoder', 'TextEncoder'] as const) {
      if (!globalThis[name]) throw failure('unsupported', `this environment has no ${name}`);
    }
    const made = await instantiate(await find());
    // Where two were being loaded, the first one stays.
    return (current ??= made);
  } catch (cause) {
    if (cause instanceof StableAudioError) throw cause;
    throw failure('unsupported', 'the module cannot be started (out of stack or memory?)', { cause });
  }
}

async function instantiate(code: Code): Promise<Module> {
  const { connect, imports, start } = bind();
  try {
    start((await instance(code, imports)).exports);
    return { connect };
  } catch (cause) {
    const text = String(cause);
    // A RangeError or a RuntimeError: out of memory or stack.
    if (text.startsWith('R')) throw cause;
    throw isModule(code) && !/^(Type|Link)Error/.test(text)
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
 * Synchronous where the engine allows it, which takes a millisecond; an asynchronous start takes several,
 * in which fake timers would run ahead of it. Older engines refuse a synchronous start to a page.
 */
async function instance(code: Code, imports: WebAssembly.Imports): Promise<WebAssembly.Instance> {
  if (!('byteLength' in code)) return WebAssembly.instantiate(code, imports);
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(code), imports);
  } catch {
    return (await WebAssembly.instantiate(code, imports)).instance;
  }
}

/** The source that was passed to `ready`, as bytes or a module; told apart by shape, since realms differ. */
async function read(given: ModuleSource): Promise<Code> {
  try {
    let source = await given;
    if (typeof source === 'string' || 'href' in source) source = await fetch(source);
    if (!('arrayBuffer' in source)) return source;
    if (source.ok === false) throw new Error(`HTTP ${source.status}`);
    return await source.arrayBuffer();
  } catch (cause) {
    throw failure('invalid_argument', 'the source given to ready() cannot be read', { cause });
  }
}

/** Whether these are a valid module's bytes, which may be validated even where the policy forbids WebAssembly. */
function isModule(code: Code): boolean {
  try {
    return 'byteLength' in code && WebAssembly.validate(code);
  } catch {
    return false;
  }
}
