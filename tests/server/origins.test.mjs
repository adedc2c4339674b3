// Which pages may use the server half, and what they may read of its responses.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { createHandler } from 'stable-audio-client/server';

import { authorize, endpoint, lookup, poll, read, submit, uuid } from './support/asking.mjs';
import { openService } from './support/service.mjs';

const elsewhere = 'https://elsewhere.example';
const extension = 'chrome-extension://abcdefghijklmnop';

function open(options) {
  const service = openService();
  const handle = createHandler({
    apiKey: 'the-key-of-the-service',
    authorize,
    fetch: service.fetch,
    allowOrigins: [elsewhere, extension],
    ...options,
  });
  return { service, ask: async (request) => read(await handle(request)) };
}

const kinds = {
  'a submit': (headers) => submit({ headers }),
  'a submit with a key': (headers) => submit({ key: uuid, headers }),
  'a poll': (headers) => poll({ headers }),
  'a look-up': (headers) => lookup({ key: uuid, headers }),
};

describe('a page of this server', () => {
  const own = {
    'by Sec-Fetch-Site': { 'sec-fetch-site': 'same-origin' },
    'by the address bar': { 'sec-fetch-site': 'none' },
    'by Sec-Fetch-Site, behind a proxy that changed the host': {
      'sec-fetch-site': 'same-origin',
      origin: 'https://app.example',
      host: 'inner:8080',
    },
    'by its origin': { origin: 'https://app.test' },
    'by its origin and Host': { origin: 'https://app.example', host: 'app.example' },
    'by its origin, behind a proxy that ends TLS': { origin: 'https://app.example:8443', host: 'app.example:8443' },
    'by the absence of both headers': {},
  };
  for (const [how, headers] of Object.entries(own)) {
    it(`a page of this server, recognised ${how}, may use it`, async () => {
      for (const [kind, request] of Object.entries(kinds)) {
        const { status } = await open({ allowOrigins: [] }).ask(request(headers));
        assert.ok(status < 300, `${kind}: ${status}`);
      }
    });
  }
});

describe('a page of another origin', () => {
  const foreign = {
    'recognised by Sec-Fetch-Site': { 'sec-fetch-site': 'cross-site' },
    'recognised as of the same site': { 'sec-fetch-site': 'same-site', origin: 'https://other.app.test' },
    'recognised by Sec-Fetch-Site despite its Origin': { 'sec-fetch-site': 'cross-site', origin: 'https://app.test' },
    'recognised by its origin': { origin: 'https://evil.example' },
    'recognised by its port': { origin: 'https://app.test:8443' },
    'whose name has the same ending': { origin: 'https://evil-app.test' },
    'with an opaque origin': { origin: 'null' },
  };
  for (const [how, headers] of Object.entries(foreign)) {
    it(`a page of another origin, ${how}, is rejected by 403, and nothing is sent`, async () => {
      for (const request of Object.values(kinds)) {
        const { ask, service } = open();
        const answer = await ask(request(headers));
        assert.equal(answer.status, 403);
        assert.equal(answer.headers.get('access-control-allow-origin'), null);
        assert.deepEqual([service.submits.length, service.polls.length], [0, 0]);
      }
    });
  }

  it('a page of an allowed origin may use the server, and read its headers', async () => {
    for (const origin of [elsewhere, extension]) {
      for (const request of Object.values(kinds)) {
        const { status, headers } = await open().ask(request({ origin, 'sec-fetch-site': 'cross-site' }));
        assert.ok(status < 300);
        assert.equal(headers.get('access-control-allow-origin'), origin);
        const exposed = headers.get('access-control-expose-headers').split(', ');
        assert.deepEqual(exposed.toSorted(), ['idempotency-replayed', 'retry-after', 'x-inference-id']);
        assert.match(headers.get('vary'), /origin/i);
        assert.equal(headers.get('access-control-allow-credentials'), null);
      }
    }
  });

  it('a page of an allowed origin can read error responses', async () => {
    const headers = { origin: elsewhere, 'sec-fetch-site': 'cross-site' };
    const refused = [
      submit({ body: {}, headers }),
      submit({ user: '', headers }),
      new Request('https://app.test/other', { headers }),
      new Request(endpoint, { method: 'DELETE', headers }),
    ];
    for (const request of refused) {
      const { status, headers } = await open().ask(request);
      assert.ok(status >= 400);
      assert.equal(headers.get('access-control-allow-origin'), elsewhere);
    }
  });
});

describe('a preflight', () => {
  it('a preflight of an allowed page allows the headers of the client, and calls nothing', async () => {
    let asked = 0;
    const { ask, service } = open({ authorize: () => (asked += 1) });
    const { status, headers } = await ask(preflight(elsewhere));
    assert.equal(status, 204);
    assert.equal(headers.get('access-control-allow-origin'), elsewhere);
    assert.equal(headers.get('access-control-allow-headers'), 'authorization, content-type, idempotency-key');
    assert.equal(headers.get('access-control-allow-methods'), 'GET, POST');
    assert.ok(Number(headers.get('access-control-max-age')) > 0);
    assert.deepEqual([asked, service.submits.length, service.polls.length], [0, 0, 0]);
  });

  it('a preflight of any other page is rejected', async () => {
    const { status, headers } = await open().ask(preflight('https://evil.example'));
    assert.equal(status, 403);
    assert.equal(headers.get('access-control-allow-origin'), null);
  });
});

it('no response is cached or sniffed for its type', async () => {
  const requests = [submit(), poll(), lookup({ key: uuid }), submit({ body: {} }), new Request('https://app.test/')];
  for (const request of requests) {
    const { headers } = await open().ask(request);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
  }
});

function preflight(origin) {
  return new Request(endpoint, {
    method: 'OPTIONS',
    headers: { origin, 'sec-fetch-site': 'cross-site', 'access-control-request-method': 'POST' },
  });
}
