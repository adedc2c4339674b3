import { Client, imports, start } from '../target/pkg/binding.js';

import { core } from '#core';
import { failure } from './failure.js';
import type { ModuleSource } from './types.js';

let loading: Promise<typeof Client> | undefined;

/** The module's class, once the module is there. */
export let loaded: typeof Client | undefined;

/** Loads the module once; after a failure, the next call tries again. */
export function load(source?: ModuleSource): Promise<typeof Client> {
  return (loading ??= instantiate(source).catch((cause) => {
    loading = undefined;
    throw cause;
  }));
}

async function instantiate(source?: ModuleSource): Promise<typeof Client> {
  if (typeof WebAssembly === 'undefined') throw failure('unsupported', 'this environment has no WebAssembly');
  const code = await (source === undefined ? core() : read(source));
  try {
    const made = await WebAssembly.instantiate(compiled(code), imports);
    const { exports } = (made as unknown as { instance?: WebAssembly.Instance }).instance ?? made;
    start(exports);
    return (loaded = Client);
  } catch (cause) {
    throw isModule(code) && !/^(Type|Link)Error$/.test((cause as Error).name)
      ? failure('unsupported', "the page's policy forbids WebAssembly: script-src needs 'wasm-unsafe-eval'", { cause })
      : failure('invalid_argument', 'the source given to ready() is not this version of the module', { cause });
  }
}

/**
 * Compiled at once, which takes a millisecond; an engine's own turn for it, several. Older engines
 * refuse that to a page, and every one refuses what is a module already: those stay as they are.
 */
function compiled(code: unknown): WebAssembly.Module {
  try {
    return new WebAssembly.Module(code as BufferSource);
  } catch {
    return code as WebAssembly.Module;
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
