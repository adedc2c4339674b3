// Requests to the handler as the client sends them.

export const endpoint = 'https://app.test/api/v2/generate/audio';
export const uuid = '0b0e7a3e-6f0d-4a0e-9a55-0f6a53c6a2c1';

/** A submit; `key` is its idempotency key, `user` its sender. */
export function submit({ key, user = 'ada', body = { prompt: 'rain' }, headers = {}, ...init } = {}) {
  return new Request(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-user': user,
      ...(key && { 'idempotency-key': `"${key}"` }),
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify({ model: 'stable-audio', ...body }),
    ...init,
  });
}

export function poll({ id = 'generation-1', user = 'ada', headers } = {}) {
  return new Request(`${endpoint}?generation_id=${encodeURIComponent(id)}`, {
    headers: { 'x-user': user, ...headers },
  });
}

export function lookup({ key, user = 'ada', headers }) {
  return new Request(`${endpoint}?idempotency_key=${encodeURIComponent(key)}`, {
    headers: { 'x-user': user, ...headers },
  });
}

/** Sends a request to the server at `url`; resolves to the parts of its response. */
export async function sendTo(url, request) {
  return read(await fetch(new Request(request.url.replace(/^.*?(?=\/api)/, url), request)));
}

/** Takes the user from the `x-user` header. */
export function authorize(request) {
  return request.headers.get('x-user');
}

/** The status, headers and body of a response. */
export async function read(response) {
  const text = await response.text();
  const { status, headers } = response;
  const type = headers.get('content-type');
  return { status, headers, text, body: type === 'application/json' ? JSON.parse(text) : undefined };
}
