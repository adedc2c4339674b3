// Which pages may use the server: those of its own origin, and those of the origins it allows.

const exposedHeaders = 'x-inference-id, retry-after, idempotency-replayed';

/** Whether a page of another origin may send the request, or no page sent it. */
export function isAllowed({ headers, url }: Request, allowed: readonly string[]): boolean {
  const origin = headers.get('origin') ?? '';
  if (allowed.includes(origin)) return true;
  const site = headers.get('sec-fetch-site');
  // `none` is the user, by the address bar. A browser says more with it than with the host, which a
  // proxy may have changed.
  if (site !== null) return site === 'same-origin' || site === 'none';
  // A proxy that ends TLS changes the scheme, so the scheme is not compared.
  return !origin || origin.split('//')[1] === (headers.get('host') ?? new URL(url).host);
}

/** The answer to a preflight. */
export function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization, content-type, idempotency-key',
      'access-control-max-age': '86400',
    },
  });
}

/** Sets the headers that every answer has; those of CORS for an allowed page alone. */
export function withCommonHeaders(response: Response, { headers }: Request, allowed: readonly string[]): Response {
  const finished = new Response(response.body, response);
  const set = (name: string, value: string) => finished.headers.set(name, value);
  const origin = headers.get('origin') ?? '';
  if (allowed.includes(origin)) {
    set('access-control-allow-origin', origin);
    set('access-control-expose-headers', exposedHeaders);
  }
  finished.headers.append('vary', 'origin');
  set('cache-control', 'no-store');
  set('x-content-type-options', 'nosniff');
  // Somebody else's page must not run as one of this server's.
  if (/html|xml/i.test(finished.headers.get('content-type') ?? '')) set('content-type', 'text/plain; charset=utf-8');
  return finished;
}
