// The examples that users copy: each keeps the key on the server, and leaves it to the site who may spend.
// `npm run matrix` also runs those for Hono, Cloudflare and Next.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

import { transform } from 'esbuild';
import { toNodeHandler } from 'srvx/node';
import { generateAudio } from 'stable-audio-client';

import { demoKey } from '../../tools/emulator.mjs';
import { root } from '../../tools/paths.mjs';
import { startServerProgram } from '../support/children.mjs';
import { openEmulator } from '../support/emulator.mjs';
import { listen } from '../support/listen.mjs';
import { snippets } from '../support/readme.mjs';
import { uuid } from './support/asking.mjs';
import { example, textOf } from './support/examples.mjs';

const endpoint = '/api/v2/generate/audio';
const page = '<!doctype html><title>the page</title>';
/** Everybody with a session has the credits of one generation. */
const site = `const left = new Map();
export const userOf = async ({ headers }) => /session=(\\w+)/.exec(headers.get('cookie'))?.[1];
export async function takeCredits(user, credits) {
  const rest = (left.get(user) ?? 25_200) - credits;
  if (rest >= 0) left.set(user, rest);
  return rest >= 0;
}
`;

const kinds = { 'node.js': started, 'express.js': started, 'next-route.ts': routed };

for (const [name, start] of Object.entries(kinds)) {
  describe(`the example ${name}`, { timeout: 60_000 }, () => {
    let folder;
    let emulator;
    let server;
    before(async () => {
      // In the repository, where the packages that it imports are found.
      await mkdir(join(root, 'target'), { recursive: true });
      folder = await mkdtemp(join(root, 'target', 'example-'));
      emulator = await openEmulator({ speed: 100 });
      await mkdir(join(folder, 'public'));
      await writeFile(join(folder, 'public', 'index.html'), page);
      await writeFile(join(folder, 'site.js'), site);
      await writeFile(join(folder, name), await example(name, emulator.url));
      server = await start(folder, name);
    });
    after(async () => {
      await server?.stop();
      await emulator?.stop();
      if (folder) await rm(folder, { recursive: true, force: true });
    });
    beforeEach(() => emulator.reset());

    /** Generates as the page of a visitor does; `user` has a session. */
    const generate = (user, request = 'rain') =>
      generateAudio(request, { baseUrl: `${server.url}/api`, fetch: withCookies(user), pollIntervalMs: 1000 });

    const submit = (user) =>
      withCookies(user)(server.url + endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': `"${uuid}"` },
        body: JSON.stringify({ model: 'stable-audio', prompt: 'rain' }),
      });

    it(`the example ${name} generates with the key of the server`, async () => {
      assert.ok((await generate('ada')).startsWith(emulator.url));
      const { requests } = await emulator.ledger();
      assert.deepEqual([...new Set(requests.map(({ key }) => key))], ['demo']);
      for (const { headers } of requests) assert.ok(!headers.includes('cookie'));
    });

    it(`the example ${name} rejects visitors without a session, and sends nothing to the service`, async () => {
      await assert.rejects(generate(), { code: 'forbidden' });
      assert.deepEqual((await emulator.ledger()).requests, []);
    });

    it(`the example ${name} rejects what exceeds the quota, and sends nothing to the service`, async () => {
      await generate('ben', { prompt: 'rain', steps: 60 });
      await emulator.reset();
      await assert.rejects(generate('ben', { prompt: 'rain', steps: 60 }), { code: 'forbidden' });
      assert.deepEqual((await emulator.ledger()).requests, []);
    });

    it(`the example ${name} accepts a submit that arrives twice once, and debits the quota once`, async () => {
      const replies = await Promise.all([submit('cleo'), submit('cleo')]);
      const [one, two] = await Promise.all(replies.map((reply) => reply.json()));
      assert.equal(one.id, two.id);
      assert.equal((await emulator.ledger()).generations.length, 1);
    });

    if (start === started) {
      it(`the example ${name} serves the page`, async () => {
        assert.equal(await (await fetch(server.url)).text(), page);
      });
    }
  });
}

describe('the examples', () => {
  it('each example has fewer than fifteen lines', async () => {
    const names = (await readdir(join(root, 'www', 'examples'))).filter((name) => /\.(js|ts)$/.test(name));
    for (const name of names) {
      const lines = (await textOf(name)).split('\n').filter((line) => line && !/^(\/\/|\/\*\*)/.test(line));
      assert.ok(lines.length < 15, `${name}: ${lines.length} lines`);
    }
  });

  it('the README shows the example node.js without its comments', async () => {
    const shown = snippets('js server');
    assert.equal(shown.length, 1);
    assert.ok((await textOf('node.js')).endsWith(`\n\n${shown[0]}`));
  });

  it('the examples come with a site that rejects everybody', async () => {
    const { userOf, takeCredits } = await import(pathToFileURL(join(root, 'www', 'examples', 'site.js')));
    assert.equal(await userOf(new Request('http://127.0.0.1/', { headers: { cookie: 'session=ada' } })), undefined);
    assert.equal(await takeCredits('ada', 252), false);
  });
});

/** A `fetch` with the cookies of a visitor. */
function withCookies(user) {
  const cookie = user ? `theme=dark; session=${user}` : 'theme=dark';
  return (url, init) => fetch(url, { ...init, headers: { ...init.headers, cookie } });
}

/** Runs an example as a program. */
function started(folder, name) {
  return startServerProgram(process.execPath, () => [name], {
    cwd: folder,
    env: (port) => ({ ...process.env, AIMLAPI_KEY: demoKey, HOST: '127.0.0.1', PORT: String(port) }),
  });
}

/** Serves a route as Next does. */
async function routed(folder, name) {
  const { code } = await transform(await readFile(join(folder, name), 'utf8'), { loader: 'ts' });
  await writeFile(join(folder, 'route.mjs'), code);
  process.env.AIMLAPI_KEY = demoKey;
  const handlers = await import(pathToFileURL(join(folder, 'route.mjs')));
  const server = await listen(
    createServer(
      toNodeHandler((request) => handlers[request.method]?.(request) ?? new Response(null, { status: 405 })),
    ),
  );
  return { url: server.url, stop: server.close };
}
