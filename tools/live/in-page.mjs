// What runs in the page: sent there as text, it sees nothing of this file.

/** One request of the page, sent once. What `fetch` rejects with is `error`; `read` counts a stream's reads. */
export async function fetchInPage(url, { method = 'GET', headers, body, isStreamed = false, limitMs = 30_000 }) {
  let read = 0;
  const init = { method, headers, body, cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(limitMs) };
  if (isStreamed) {
    init.duplex = 'half';
    init.body = new ReadableStream(
      {
        pull(stream) {
          read += 1;
          stream.enqueue(new TextEncoder().encode(body));
          stream.close();
        },
      },
      // Without it the stream is read ahead, sent or not.
      { highWaterMark: 0 },
    );
  }
  const start = performance.now();
  try {
    const reply = await fetch(url, init);
    const ms = performance.now() - start;
    const seen = { status: reply.status, headers: Object.fromEntries(reply.headers), ms, read };
    try {
      const bytes = await reply.arrayBuffer();
      const text = new TextDecoder().decode(bytes.slice(0, 1024 * 1024));
      return { ...seen, length: bytes.byteLength, text };
    } catch (error) {
      return { ...seen, text: '', length: 0, broken: String(error) };
    }
  } catch (error) {
    return { error: String(error), read };
  }
}

/** Does this engine stream a request's body? One that does not makes text of the stream. */
export function streamsInPage() {
  let isAsked = false;
  const init = {
    method: 'POST',
    body: new ReadableStream(),
    get duplex() {
      isAsked = true;
      return 'half';
    },
  };
  try {
    const { headers } = new Request('https://stream.invalid', init);
    return isAsked && !headers.has('content-type');
  } catch {
    return false;
  }
}
