// What is answered: errors in the service's own shape, and what is passed on or kept of a reply.

export type HeaderMap = Record<string, string>;

/** A reply as a store keeps it, to be repeated. */
export interface StoredReply {
  status: number;
  text: string;
  headers: HeaderMap;
}

const retrySoon = { 'retry-after': '2' };

export function json(status: number, value: unknown, headers: HeaderMap = {}): Response {
  return new Response(JSON.stringify(value), { status, headers: { ...headers, 'content-type': 'application/json' } });
}

/** An error as the service words them. What is thrown of these is answered. */
export function errorReply(status: number, message: string, headers?: HeaderMap, kind?: string): Response {
  return json(status, { status, message, error: { message, data: { kind } } }, headers);
}

/** A failure that may pass. `kind` where it says more than the status. */
export function transientError(status: number, message: string, kind?: string): Response {
  return errorReply(status, message, retrySoon, kind);
}

/** Nothing was sent, for a reason that may pass. */
export function notSent(): Response {
  return transientError(503, 'nothing was sent', 'not_sent');
}

/** The answer where a submit may have been billed. */
export function submitUnknown(): Response {
  return errorReply(502, 'it may have been billed, and is not sent again', {}, 'submit_unknown');
}

/** Whether whoever asked may have the status: no redirect, nothing that browsers act on by themselves. */
export function isPassable(status: number): boolean {
  return status >= 200 && status < 600 && (status < 300 || status >= 400) && ![407, 408, 421, 425].includes(status);
}

/** The answer for what the app gave that allows nothing: its own refusal, or a 403. */
export function refusalOf(answer: unknown): Response {
  const { status } = Object(answer) as Response;
  // An answer that is no refusal would be taken for the service's.
  if (status >= 400 && isPassable(status)) {
    try {
      // The app may give the same one again.
      return (answer as Response).clone();
    } catch {
      // It has been read, or is none.
    }
  }
  return errorReply(403, 'not allowed');
}

/** The headers that are passed on and kept. */
export function passedHeaders(headers: Headers): HeaderMap {
  const picked: HeaderMap = {};
  for (const name of ['content-type', 'retry-after', 'x-inference-id']) {
    const value = headers.get(name);
    if (value) picked[name] = value;
  }
  return picked;
}

/** Takes the response's body. */
export async function toStoredReply(response: Response): Promise<StoredReply> {
  return {
    status: response.status,
    text: await response.text().catch(() => ''),
    headers: passedHeaders(response.headers),
  };
}

export function fromStoredReply({ status, text, headers }: StoredReply, more: HeaderMap): Response {
  return new Response(text, { status, headers: { ...headers, ...more } });
}
