import { ignore } from './time.js';

/** Reads text, as UTF-8, up to `limit` bytes and for `ms`; `whole` where it came to its end. */
export async function readText(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
  ms: number,
): Promise<{ text: string; whole: boolean }> {
  let text = '';
  let whole = true;
  if (!body) return { text, whole };
  const reader = body.getReader();
  const decoder = new TextDecoder();
  // A read that is waited for ends when the reader is cancelled.
  const stop = () => {
    whole = false;
    reader.cancel().catch(ignore);
  };
  const timer = setTimeout(stop, ms);
  let left = limit;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      left -= value.length;
      if (left < 0) {
        stop();
        break;
      }
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    whole = false;
  } finally {
    clearTimeout(timer);
  }
  return { text: text + decoder.decode(), whole };
}

/** What the text says as JSON; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
