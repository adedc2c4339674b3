// What can be asked before anything is spent: the connection, preflights, refusals.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';

import { endpoint, origin, statusPath } from './service.mjs';
import { headersOf, inferenceOf, refusalOf } from './format.mjs';

const optional = ['x-client-request-id', 'idempotency-key'];

export async function askPreflights(context) {
  const { service, rows, admitted } = context;
  const ask = (headers) =>
    service.send(endpoint, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': headers },
    });
  await rows.answer('http-versions', async () => {
    const { headers } = await service.send(endpoint, { method: 'OPTIONS', headers: { origin } });
    const version = await versionOf(service.base);
    context.isHttp2 = version === 'HTTP/2';
    return `${version}; alt-svc: ${headers['alt-svc'] ?? 'none'}`;
  });
  const preflight = ask('authorization,content-type');
  // Whoever awaits it meets its failure.
  preflight.catch(() => {});
  await rows.answer('preflight', async () => {
    const names = ['access-control-allow-origin', 'access-control-allow-methods', 'access-control-allow-credentials'];
    const reply = await preflight;
    return `${reply.status}; ${headersOf(reply, names, 'no access-control header')}`;
  });
  await rows.answer('preflight-headers', async () => {
    const reply = await preflight;
    const all = ['authorization', 'content-type'].every((name) => admits(reply, name));
    return `${all ? 'yes' : 'no'}; ${headersOf(reply, ['access-control-allow-headers'], 'no list')}`;
  });
  for (const name of [...optional, 'any-header']) {
    await rows.answer(`preflight-${name}`, async () => {
      const reply = await ask(`authorization,content-type,${name}`);
      if (admits(reply, name)) admitted.add(name);
      return admitted.has(name) ? 'yes' : `no (${reply.status})`;
    });
  }
  await rows.answer('preflight-max-age', async () =>
    headersOf(await preflight, ['access-control-max-age'], 'no access-control-max-age: 5 s, as browsers have it'),
  );
}

/** Asks for refusals. Where they show that the key or the service is of no use, nothing will be sent. */
export async function askRefusals(context) {
  const { service, rows } = context;
  const unknown = `${randomUUID()}:stable-audio`;
  await rows.answer('error-404', async () => {
    const reply = await service.read(statusPath(unknown)).catch((error) => {
      context.stopped = `the service cannot be reached: ${error.message}`;
      throw error;
    });
    if ([401, 403].includes(reply.status)) context.stopped = `the key is refused: ${reply.status}`;
    return `${refusalOf(reply)}; ${inferenceOf(reply, unknown)}`;
  });
  await rows.answer('error-malformed-id', async () => {
    const reply = await service.read(statusPath('no id'));
    return `${refusalOf(reply)}; ${inferenceOf(reply, 'no id')}`;
  });
  await rows.answer('error-no-id', async () => {
    const reply = await service.read(endpoint);
    return `${refusalOf(reply)}; ${inferenceOf(reply)}`;
  });
  await rows.answer('error-401', async () => {
    const headers = { authorization: 'Bearer no-key-of-anybody', origin };
    const reply = await service.send(statusPath(unknown), { headers });
    return `${refusalOf(reply)}; ${inferenceOf(reply, unknown)}`;
  });
  if (!context.stopped) await rows.answer('error-400', () => askForNothing(context));
}

// Nothing could be made of it: no prompt, no steps, no seconds.
async function askForNothing(context) {
  const { service, say } = context;
  context.refusedId = randomUUID();
  const reply = await service.send(endpoint, {
    method: 'POST',
    headers: {
      authorization: service.authorization,
      'content-type': 'application/json',
      'x-client-request-id': context.refusedId,
    },
    body: JSON.stringify({ model: 'stable-audio', steps: 0, seconds_total: 0 }),
  });
  if (reply.status < 300) {
    context.stopped = 'the service accepted a submit without a prompt';
    say(`! ${context.stopped}: ${reply.text}`);
  }
  return `${refusalOf(reply)}; ${inferenceOf(reply)}`;
}

/** Does this preflight's reply let a page send the header? */
function admits({ status, headers }, name) {
  const listed = (headers['access-control-allow-headers'] ?? '').toLowerCase().split(',');
  const names = new Set(listed.map((each) => each.trim()));
  const isOpen = ['*', origin].includes(headers['access-control-allow-origin']);
  return isOpen && status >= 200 && status < 300 && (names.has(name) || (names.has('*') && name !== 'authorization'));
}

async function versionOf(base) {
  const { protocol, hostname, port } = new URL(base);
  if (protocol === 'http:') return 'HTTP/1.1, without TLS';
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = connect({ host, port: Number(port || 443), servername: host, ALPNProtocols: ['h2', 'http/1.1'] });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(10_000) });
    return socket.alpnProtocol === 'h2' ? 'HTTP/2' : `HTTP/1.1 (ALPN: ${socket.alpnProtocol})`;
  } finally {
    socket.destroy();
  }
}
