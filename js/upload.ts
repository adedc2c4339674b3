/** How a request is sent whose body is a stream. */
interface StreamedInit extends RequestInit {
  duplex: 'half';
  /** Nobody has read the stream: nothing of it was sent. */
  unread: boolean;
}

/**
 * The same request with a stream for its body, which the engine cannot send again by itself; nothing
 * where the platform cannot send one. The module's glue knows it by this name.
 */
export function streamed(url: string, init: RequestInit): StreamedInit | undefined {
  try {
    const body = new ReadableStream({
      // Of this type nothing is read ahead.
      type: 'bytes',
      pull(controller) {
        request.unread = false;
        controller.enqueue(new TextEncoder().encode(init.body as string));
        controller.close();
      },
    });
    const request: StreamedInit = { ...init, body, duplex: 'half', unread: true };
    // An engine that knows no streams makes a text of it. Behind a page's service worker it is read even
    // where nothing is sent.
    const sent = new Request(url, request).body === body && !globalThis.navigator?.serviceWorker?.controller;
    return sent ? request : undefined;
  } catch {
    return undefined;
  }
}
