// The proxies that users copy: each keeps the key, forwards the two calls alone, and asks the site.

import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

import { transform } from 'esbuild';

import { freePort } from '../free-port.mjs';
import { root } from '../../scripts/places.mjs';
import { endChild, startChild } from '../browsers/harness/children.mjs';
import { openEmulator } from '../browsers/harness/emulator.mjs';

const { generateAudio } = await import(pathToFileURL(join(root, 'dist', 'index.js')));
const recipes = join(root, 'www', 'recipes');
const key = 'demo-key';
const session = 'session=mine';
// The site's own rule, where the recipe's refuses everybody.
const mayUse = `export const mayUse = async ({ headers }) =>
  (headers.cookie ?? headers.get?.('cookie')) === '${session}';\n`;

/** A `fetch` with the cookies of a visitor. */
const visitor = (cookie) => (url, init) => fetch(url, { ...init, headers: { ...init.headers, cookie } });

const kinds = {
  async 'node-server.js'(folder, env) {
    const port = await freePort();
    const options = { env: { ...process.env, ...env, PORT: String(port) }, stdio: 'inherit' };
    const child = startChild(process.execPath, [join(folder, 'node-server.js')], options);
    const url = `http://127.0.0.1:${port}`;
    while (!(await fetch(url).catch(() => undefined))) assert.equal(child.exitCode, null);
    return { url, stop: () => endChild(child) };
  },
  async 'next-route.ts'(folder, env) {
    const { code } = await transform(await readFile(join(folder, 'next-route.ts'), 'utf8'), { loader: 'ts' });
    await writeFile(join(folder, 'route.mjs'), code);
    Object.assign(process.env, env);
    const { GET, POST } = await import(pathToFileURL(join(folder, 'route.mjs')));
    return served((request) => {
      // Next's router leads nothing else to the file.
      const { pathname } = new URL(request.url);
      const handler = { GET, POST }[request.method];
      return pathname === '/api/v2/generate/audio' && handler ? handler(request) : new Response(null, { status: 404 });
    });
  },
  async 'cloudflare-worker.js'(folder, env) {
    await copyFile(join(folder, 'cloudflare-worker.js'), join(folder, 'worker.mjs'));
    const worker = await import(pathToFileURL(join(folder, 'worker.mjs')));
    return served((request) => worker.default.fetch(request, env));
  },
};

for (const [name, start] of Object.entries(kinds)) {
  describe(`the recipe ${name}`, { timeout: 60_000 }, () => {
    let folder;
    let emulator;
    let proxy;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'stable-audio-recipe-'));
      await copyFile(join(recipes, name), join(folder, name));
      await writeFile(join(folder, 'may-use.js'), mayUse);
      await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
      emulator = await openEmulator({ speed: 100 });
      proxy = await start(folder, { AIMLAPI_URL: emulator.url, AIMLAPI_KEY: key });
    });
    after(async () => {
      await proxy?.stop();
      await emulator?.stop();
      if (folder) await rm(folder, { recursive: true, force: true });
    });
    beforeEach(() => emulator.reset());

    const generate = (cookie) =>
      generateAudio('rain', { baseUrl: `${proxy.url}/api`, fetch: visitor(cookie), pollIntervalMs: 1000 });

    it('makes a track with the key that it keeps', async () => {
      assert.ok((await generate(session)).startsWith(emulator.url));
      const { requests } = await emulator.ledger();
      assert.deepEqual([...new Set(requests.map((request) => request.key))], ['demo']);
      for (const { headers } of requests) assert.ok(!headers.includes('cookie'));
    });

    it('refuses whom the site refuses, and asks nothing of the service', async () => {
      await assert.rejects(generate('session=other'), { code: 'forbidden', message: /you may not use this/ });
      assert.deepEqual((await emulator.ledger()).requests, []);
    });

    it('passes the words and the status of the service on', async () => {
      await emulator.plan({ submit: [{ status: 429, retry_after: 1 }] });
      assert.ok(await generate(session));
      await emulator.plan({ submit: [{ status: 400 }] });
      await assert.rejects(generate(session), { code: 'rejected', httpStatus: 400 });
    });

    it('breaks off a reply that broke off, and goes on with what is under way', async () => {
      await emulator.plan({ submit: [{ delay_ms: 500 }, { truncate: 10 }] });
      const underWay = generate(session);
      while ((await emulator.ledger()).requests.length === 0) await sleep(10);
      const body = '{"model":"stable-audio","prompt":"rain"}';
      const headers = { cookie: session, 'content-type': 'application/json' };
      const broken = fetch(`${proxy.url}/api/v2/generate/audio`, { method: 'POST', headers, body });
      await assert.rejects(broken.then((reply) => reply.text()));
      assert.ok(await underWay);
      assert.ok(await generate(session));
    });

    it('goes on after the service could not be reached', async () => {
      await emulator.plan({ poll: [{ reset: 'before' }] });
      const headers = { cookie: session };
      const reply = await fetch(`${proxy.url}/api/v2/generate/audio?generation_id=a`, { headers });
      assert.ok(reply.status >= 500, String(reply.status));
      assert.ok(await generate(session));
    });

    it('forwards nothing else', async () => {
      const others = [
        ['GET', '/v2/generate/audio'],
        ['GET', '/v2/generate/audio?generation_id=a&model=b'],
        ['POST', '/v2/generate/audio?generation_id=a'],
        ['DELETE', '/v2/generate/audio?generation_id=a'],
        ['GET', '/v2/generate/audio/..%2fbilling?generation_id=a'],
        ['GET', '/v1/models'],
        ['POST', '/v1/chat/completions'],
      ];
      for (const [method, path] of others) {
        const init = { method, headers: { cookie: session }, ...(method === 'POST' && { body: '{}' }) };
        const { status } = await fetch(`${proxy.url}/api${path}`, init);
        assert.ok(status === 404 || status === 405, `${method} ${path}: ${status}`);
      }
      assert.deepEqual((await emulator.ledger()).requests, []);
    });
  });
}

describe('the rule that the recipes come with', () => {
  it('refuses everybody', async () => {
    const { mayUse: rule } = await import(pathToFileURL(join(recipes, 'may-use.js')));
    assert.equal(await rule(new Request('http://127.0.0.1/', { headers: { cookie: session } })), false);
  });
});

/** Serves a handler of the web's kind, as a framework does. */
async function served(handler) {
  const answer = async (request, response) => {
    const { method, headers } = request;
    const body = method === 'POST' ? { body: Readable.toWeb(request), duplex: 'half' } : {};
    const reply = await handler(new Request(`http://${headers.host}${request.url}`, { method, headers, ...body }));
    response.writeHead(reply.status, Object.fromEntries(reply.headers));
    await pipeline(reply.body ?? [], response);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, stop };
}
