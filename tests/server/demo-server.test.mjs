// The demo server: it survives whatever a local program sends, and other sites cannot use it.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';

import { freePort } from '../support/free-port.mjs';
import { listen } from '../support/listen.mjs';
import { serve } from '../../tools/start/serve.mjs';

const host = '127.0.0.1';
const audio = '/api/v2/generate/audio';

describe('the demo’s server', { timeout: 60_000 }, () => {
  let folder;
  let port;
  let server;
  let service;
  let asked;
  before(async () => {
    const served = createServer(({ method, url, headers }, response) => {
      asked.push({ method, url, key: headers.authorization });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"a","status":"queued"}');
    });
    service = await listen(served);
    folder = await mkdtemp(join(tmpdir(), 'stable-audio-demo-'));
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>the page</title>');
    port = await freePort();
    const backend = { mode: 'emulator', speed: 8, upstream: service.url, key: 'a-key' };
    server = await serve({ host, port, backend, folder });
  });
  after(async () => {
    await server?.close();
    await service?.close();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(() => {
    asked = [];
  });

  for (const target of [
    'http://[/api/',
    'http://[::1',
    `http://${host}/`,
    'http://evil.example/api/v2/generate/audio',
    '*',
    '//',
    '//evil.example/api/v2/generate/audio',
    '/\\evil.example/',
    '/%',
    '/api/v2/%zz',
    '/api/v2/generate/audio?generation_id=%',
    '/%ff',
    '/%00',
    '/@fs/%00',
    '/demo.json%',
  ]) {
    it(`the demo server answers a request for ${target} by 400, and keeps running`, async () => {
      assert.equal((await send(`GET ${target} HTTP/1.1`)).status, 400);
      assert.equal((await send('GET / HTTP/1.1')).status, 200);
    });
  }

  for (const [what, status, ...request] of [
    ['a header of 20,000 bytes', 431, 'GET / HTTP/1.1', { 'x-long': 'a'.repeat(20_000) }],
    ['an upgrade with an invalid path', 400, 'GET http://[/ HTTP/1.1', { connection: 'Upgrade', upgrade: 'websocket' }],
    ['an invalid request line', 400, 'NONSENSE'],
    ['an invalid method', 400, 'G@T / HTTP/1.1'],
  ]) {
    it(`the demo server keeps running after ${what}`, async () => {
      assert.equal((await send(...request)).status, status);
      assert.equal((await send('GET / HTTP/1.1')).status, 200);
    });
  }

  it('the demo server keeps running after a truncated body', async () => {
    const headers = { 'content-type': 'application/json', 'content-length': '100', connection: 'keep-alive' };
    for (const path of [audio, '/', '/demo.json']) {
      const socket = await open(`POST ${path} HTTP/1.1`, headers);
      socket.write('{"prompt":');
      setTimeout(() => socket.destroy(), 50);
      await new Promise((resolve) => socket.on('close', resolve));
    }
    assert.equal((await send('GET / HTTP/1.1')).status, 200);
  });

  it('the demo server forbids framing, type sniffing and access to its windows', async () => {
    for (const path of ['/', '/demo.json', '/api/x', '/nowhere', '/%']) {
      const { headers } = await send(`GET ${path} HTTP/1.1`);
      assert.equal(headers['content-security-policy'], "frame-ancestors 'none'", path);
      assert.equal(headers['x-frame-options'], 'DENY');
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    }
  });

  it('the demo server lets other sites link to its page, and load nothing else', async () => {
    for (const site of ['cross-site', 'same-site']) {
      const from = (destination) => ({ 'sec-fetch-site': site, 'sec-fetch-dest': destination });
      assert.equal((await send('GET / HTTP/1.1', from('document'))).status, 200);
      for (const destination of ['iframe', 'script', 'image', 'empty']) {
        assert.equal((await send('GET / HTTP/1.1', from(destination))).status, 403);
      }
      assert.equal((await send('POST / HTTP/1.1', from('document'))).status, 403);
      assert.equal((await send('GET /__open-in-editor?file=x HTTP/1.1', from('document'))).status, 403);
    }
    const own = { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'empty' };
    assert.equal((await send('GET /demo.json HTTP/1.1', own)).status, 200);
  });

  it('the demo server sends no CORS headers to pages of other ports', async () => {
    const { headers } = await send('GET / HTTP/1.1', { origin: 'http://localhost:1' });
    assert.equal(headers['access-control-allow-origin'], undefined);
  });

  it('the demo server answers no other host name than its own', async () => {
    for (const path of ['/', '/demo.json', `${audio}?generation_id=a`]) {
      assert.equal((await send(`GET ${path} HTTP/1.1`, { host: `evil.example:${port}` })).status, 403, path);
    }
  });

  it('the demo server adds the key to the requests of its own page', async () => {
    for (const name of [host, 'localhost']) {
      const own = { host: `${name}:${port}`, origin: `http://${name}:${port}`, 'sec-fetch-site': 'same-origin' };
      assert.equal((await submit(own)).status, 200);
      assert.equal((await send(`GET ${audio}?generation_id=a HTTP/1.1`, own)).status, 200);
      const key = 'Bearer a-key';
      assert.deepEqual(asked.splice(0), [
        { method: 'POST', url: '/v2/generate/audio', key },
        { method: 'GET', url: '/v2/generate/audio?generation_id=a', key },
      ]);
    }
  });

  it('the demo server accepts as many steps as the service does', async () => {
    assert.equal((await submit({}, { prompt: 'rain'.repeat(3000), steps: 1000 })).status, 200);
    assert.equal((await submit({}, { prompt: 'rain', steps: 1001 })).status, 400);
  });

  for (const [what, headers] of [
    ['another host name', { host: 'evil.example' }],
    ['a name that Vite accepts by default', { host: 'evil.localhost' }],
    ['another address', { host: '192.0.2.1' }],
    ['another port', { host: `${host}:1` }],
    ['no name', { host: '' }],
    ['another origin', { origin: 'http://evil.example' }],
    ['an opaque origin', { origin: 'null' }],
    ['another port’s page', { origin: `http://${host}:1` }],
    ['a cross-site page', { 'sec-fetch-site': 'cross-site' }],
    ['a page of another port of this machine', { 'sec-fetch-site': 'same-site' }],
  ]) {
    it(`the demo server spends nothing for ${what}`, async () => {
      // Of the same origin, as a page sees it whose name was led to this machine.
      const given = headers.host && { origin: `http://${headers.host}`, 'sec-fetch-site': 'same-origin' };
      assert.equal((await submit({ ...given, ...headers })).status, 403);
      assert.equal((await send(`GET ${audio}?generation_id=a HTTP/1.1`, { ...given, ...headers })).status, 403);
      assert.deepEqual(asked, []);
    });
  }

  const submit = (headers, fields = { prompt: 'rain' }) => {
    const body = JSON.stringify({ model: 'stable-audio', ...fields });
    const all = { 'content-type': 'application/json', 'content-length': body.length, ...headers };
    return send(`POST ${audio} HTTP/1.1`, all, body);
  };

  async function open(line, headers) {
    const socket = connect(port, host);
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('connect', resolve));
    const all = { host: `${host}:${port}`, connection: 'close', ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`${line}\r\n${lines.join('')}\r\n`);
    return socket;
  }

  /** Sends a raw request; resolves to the status and the headers of the response. */
  async function send(line, headers, body = '') {
    const socket = await open(line, headers);
    socket.write(body);
    let text = '';
    for await (const chunk of socket.setEncoding('latin1')) text += chunk;
    const [status, ...rest] = text.split('\r\n\r\n')[0].split('\r\n');
    const pairs = rest.map((each) => each.split(': ')).map(([name, value]) => [name.toLowerCase(), value]);
    return { status: Number(status.split(' ')[1]), headers: Object.fromEntries(pairs) };
  }
});
