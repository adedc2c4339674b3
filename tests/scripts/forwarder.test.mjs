// The demo server's forwarder: what it passes on, what it refuses, and that the key stays with it.

import assert from 'node:assert/strict';
import { createServer, request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { forwarder } from '../../scripts/start/forwarder.mjs';

const path = '/v2/generate/audio';

describe('the forwarder', () => {
  let seen;
  let answer;
  let upstream;
  let server;
  let host;

  beforeEach(async () => {
    seen = [];
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'x-secret': 'kept' });
      response.end('{"id":"a"}');
    };
    upstream = await listen(async (request, response) => {
      let body = '';
      const { method, url, headers } = request;
      const entry = { method, url, headers, closed: new Promise((r) => response.on('close', r)) };
      seen.push(entry);
      for await (const chunk of request) body += chunk;
      entry.body = body;
      answer(request, response);
    });
    const own = [];
    const middleware = forwarder({ upstream: addressOf(upstream), key: 'the-key', own });
    server = await listen((request, response) => {
      middleware(request, response, (error) => response.writeHead(error ? 400 : 418).end());
    });
    host = `127.0.0.1:${server.address().port}`;
    own.push(host);
  });

  afterEach(() => {
    for (const one of [server, upstream]) {
      one.closeAllConnections();
      one.close();
    }
  });

  it('adds the key to a submit and drops the one of the page', async () => {
    const headers = {
      authorization: 'Bearer of-the-page',
      cookie: 'a=b',
      origin: `http://${host}`,
    };
    const reply = await send('POST', path, { headers, body: '{"prompt":"rain"}' });
    assert.equal(reply.status, 200);
    assert.equal(reply.body, '{"id":"a"}');
    const [submit] = seen;
    assert.equal(submit.method, 'POST');
    assert.equal(submit.url, path);
    assert.equal(submit.body, '{"prompt":"rain"}');
    assert.equal(submit.headers.authorization, 'Bearer the-key');
    assert.equal(submit.headers['content-type'], 'application/json');
    assert.equal(submit.headers.cookie, undefined);
  });

  it('passes a poll on with the id as it was', async () => {
    await send('GET', `${path}?generation_id=${encodeURIComponent('a/b:c&d')}`);
    assert.equal(seen[0].url, `${path}?generation_id=a%2Fb%3Ac%26d`);
    assert.equal(seen[0].headers.authorization, 'Bearer the-key');
  });

  it('passes on status, body and the headers that a client reads, and no other', async () => {
    answer = (_request, response) => {
      const headers = { 'content-type': 'application/json', 'retry-after': '7' };
      response.writeHead(429, { ...headers, 'x-inference-id': 'i', 'x-other': 'o' });
      response.end('{"message":"slow down"}');
    };
    const { status, headers, body } = await send('GET', `${path}?generation_id=a`);
    assert.equal(status, 429);
    assert.equal(headers['retry-after'], '7');
    assert.equal(headers['x-inference-id'], 'i');
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(headers['x-other'], undefined);
    assert.equal(body, '{"message":"slow down"}');
  });

  it('does not follow a redirect', async () => {
    answer = (_request, response) => response.writeHead(302, { location: '/elsewhere' }).end();
    assert.equal((await send('GET', `${path}?generation_id=a`)).status, 302);
    assert.equal(seen.length, 1);
  });

  for (const [what, headers] of [
    ['another host name', { host: 'evil.example' }],
    ['another origin', { origin: 'http://evil.example' }],
    ['an opaque origin', { origin: 'null' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['a cross-site request', { 'sec-fetch-site': 'cross-site' }],
    ['a same-site request of another port', { 'sec-fetch-site': 'same-site' }],
  ]) {
    it(`refuses ${what}`, async () => {
      assert.equal((await send('POST', path, { headers, body: '{}' })).status, 403);
      assert.equal((await send('GET', `${path}?generation_id=a`, { headers })).status, 403);
      assert.equal(seen.length, 0);
    });
  }

  for (const [method, target] of [
    ['GET', path],
    ['GET', `${path}?generation_id=`],
    ['GET', `${path}?generation_id=a&generation_id=b`],
    ['GET', `${path}?generation_id=a&other=b`],
    ['POST', `${path}?other=b`],
    ['PUT', path],
    ['OPTIONS', path],
    ['POST', '/v2/generate/video'],
    ['POST', `${path}/`],
    ['GET', `${path}/../../account?generation_id=a`],
  ]) {
    it(`does not forward ${method} ${target}`, async () => {
      assert.ok([404, 418].includes((await send(method, target)).status));
      assert.equal(seen.length, 0);
    });
  }

  it('leaves everything outside the API to others', async () => {
    assert.equal((await send('GET', '/index.html')).status, 418);
  });

  it('survives an address that is none', async () => {
    assert.equal((await send('GET', '//')).status, 400);
  });

  it('survives a page that leaves in the middle of a submit', async () => {
    const client = httpRequest(`http://${host}${path}`, { method: 'POST' });
    client.on('error', () => {});
    client.write('{"prompt":');
    await new Promise((resolve) => setTimeout(resolve, 20));
    client.destroy();
    assert.equal((await send('GET', '/index.html')).status, 418);
    assert.equal(seen.length, 0);
  });

  it('refuses a body that is too long', async () => {
    const reply = await send('POST', path, { body: 'x'.repeat(300_000) });
    assert.equal(reply.status, 413);
    assert.equal(seen.length, 0);
  });

  it('answers 502 in JSON when the service cannot be reached', async () => {
    answer = (request) => request.socket.destroy();
    const reply = await send('POST', path, { body: '{}' });
    assert.equal(reply.status, 502);
    assert.match(JSON.parse(reply.body).error.message, /could not be reached/);
    assert.equal(reply.body.includes('the-key'), false);
  });

  it('breaks off a reply that broke off', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"id":');
      setImmediate(() => response.destroy());
    };
    await assert.rejects(send('POST', path, { body: '{}' }));
  });

  it('drops the request upstream when the page goes away', async () => {
    const arrived = new Promise((resolve) => (answer = resolve));
    const client = httpRequest(`http://${host}${path}?generation_id=a`);
    client.on('error', () => {});
    client.end();
    await arrived;
    client.destroy();
    await seen[0].closed;
  });

  function send(method, target, { headers, body } = {}) {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: server.address().port, path: target };
      const client = httpRequest({ ...options, method, headers: { host, ...headers } });
      client.on('error', reject);
      client.on('response', async (response) => {
        try {
          let text = '';
          for await (const chunk of response) text += chunk;
          resolve({ status: response.statusCode, headers: response.headers, body: text });
        } catch (error) {
          reject(error);
        }
      });
      client.end(body);
    });
  }
});

async function listen(handler) {
  const server = createServer(handler);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function addressOf(server) {
  return `http://127.0.0.1:${server.address().port}`;
}
