import inlined from '../../target/pkg/inlined.js';

import { failure } from '../load.js';

// Ten times as fast where it is there, which is in every current browser.
const native = Uint8Array as unknown as { fromBase64?(text: string): Uint8Array<ArrayBuffer> };

/** The module's bytes, which are in the file itself. */
export async function core(): Promise<ArrayBuffer> {
  if (typeof DecompressionStream === 'undefined') {
    throw failure('unsupported', 'this environment has no DecompressionStream: use stable-audio-client/slim');
  }
  const packed = native.fromBase64?.(inlined) ?? Uint8Array.from(atob(inlined), (char) => char.charCodeAt(0));
  const inflated = new Response(packed).body!.pipeThrough(new DecompressionStream('deflate-raw'));
  return new Response(inflated).arrayBuffer();
}
