// Runtimes without a page, and a test runner with an imitation of one.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { root } from '../../scripts/places.mjs';
import { program, worker } from './app.mjs';

const onLinux = process.platform === 'linux' && process.arch === 'x64';
export const linuxOnly = !onLinux && 'its program is taken from npm for Linux on x64 alone';
const system = process.platform === 'win32' ? 'win' : process.platform;

export const nodePackage = `node-${system}-${process.arch}`;
export const nodeProgram = `${nodePackage}/bin/node`;

const node = (major) => ({
  name: `node-${major}`,
  title: `Node ${major}`,
  async run({ makeProject, made, emulator }) {
    const files = {
      'run.mjs': program('process.argv[2]'),
      'run.cjs': "console.log(Object.keys(require('stable-audio-client')).join());",
    };
    const project = await makeProject({ tools: { [nodePackage]: `^${major}` }, files });
    const binary = project.bin(nodeProgram);
    await made(() => project.run(binary, 'run.mjs', emulator.url));
    const names = await project.run(binary, '--no-warnings', 'run.cjs');
    if (!names.includes('generateAudio')) throw new Error(`require() gave ${names}`);
    return (await project.run(binary, '--version')).trim();
  },
});

const deno = {
  name: 'deno',
  title: 'Deno',
  skip: linuxOnly,
  async run({ makeProject, made, emulator }) {
    const tools = { '@deno/linux-x64-glibc': 'latest' };
    const project = await makeProject({ tools, files: { 'run.mjs': program('Deno.args[0]') } });
    const binary = project.bin('@deno/linux-x64-glibc/deno');
    await made(() => project.run(binary, 'run', '--no-remote', '--allow-net=127.0.0.1', 'run.mjs', emulator.url));
    return (await project.run(binary, '--version')).split('\n')[0];
  },
};

const bun = {
  name: 'bun',
  title: 'Bun',
  skip: linuxOnly,
  async run({ makeProject, made, emulator }) {
    const tools = { '@oven/bun-linux-x64': 'latest' };
    const project = await makeProject({ tools, files: { 'run.mjs': program('process.argv[2]') } });
    const binary = project.bin('@oven/bun-linux-x64/bin/bun');
    await made(() => project.run(binary, 'run.mjs', emulator.url));
    return `bun ${(await project.run(binary, '--version')).trim()}`;
  },
};

const workerd = {
  name: 'workerd',
  title: 'workerd (wrangler dev)',
  async run({ makeProject, made, emulator }) {
    const files = {
      'src/index.js': worker,
      'wrangler.jsonc': '{ "name": "consumer", "main": "src/index.js", "compatibility_date": "2026-01-01" }',
    };
    const project = await makeProject({ tools: { wrangler: '^4' }, files });
    const server = await project.serve('wrangler/bin/wrangler.js', 'dev', '--ip', '127.0.0.1', '--port');
    try {
      await made(async () => (await fetch(`${server.url}?service=${emulator.url}`)).text());
    } finally {
      await server.stop();
    }
    return project.versions('wrangler', 'workerd');
  },
};

const vitest = {
  name: 'vitest',
  title: 'Vitest with jsdom',
  async run({ makeProject, made, emulator }) {
    const test = `import { expect, it } from 'vitest';
import { generateAudio } from 'stable-audio-client';
it('makes a track', async () => {
  expect(document.body).toBeTruthy();
  const options = { baseUrl: '${emulator.url}', apiKey: 'demo-key', pollIntervalMs: 1000 };
  const { signal } = new AbortController();
  console.log('made ' + (await generateAudio('rain', { ...options, signal })));
});
`;
    // jsdom wants a newer Node than this package does.
    const tools = { vitest: 'latest', jsdom: 'latest', [nodePackage]: '^24' };
    const project = await makeProject({ tools, files: { 'app.test.js': test } });
    await made(async () => {
      const flags = ['run', '--environment', 'jsdom'];
      const output = await project.run(project.bin(nodeProgram), project.bin('vitest/vitest.mjs'), ...flags);
      return /made \S+/.exec(output)?.[0] ?? output;
    });
    return project.versions();
  },
};

/** What the recipes need beside them: a rule of the site, which lets everybody through. */
export const openToAll = { 'may-use.js': 'export const mayUse = async (_request) => true;\n' };

/** A program on this machine that uses a proxy, and what the service saw of it. */
export async function throughProxy({ makeProject, made, emulator }, url) {
  const body = program("process.argv[2] + '/api'").replace(", apiKey: 'demo-key'", '');
  const visitor = await makeProject({ files: { 'run.mjs': body } });
  await made(() => visitor.run(process.execPath, 'run.mjs', url));
  const { requests } = await emulator.ledger();
  if (requests.some(({ key }) => key !== 'demo')) throw new Error('a request without the key reached the service');
}

const recipe = {
  name: 'recipe-workerd',
  title: 'the proxy for Cloudflare Workers, in workerd',
  async run(context) {
    const { makeProject, emulator } = context;
    const vars = { AIMLAPI_URL: emulator.url, AIMLAPI_KEY: 'demo-key' };
    const config = { name: 'proxy', main: 'worker.js', compatibility_date: '2026-01-01', vars };
    const files = {
      'worker.js': await readFile(join(root, 'www', 'recipes', 'cloudflare-worker.js'), 'utf8'),
      'wrangler.jsonc': JSON.stringify(config),
      ...openToAll,
    };
    const project = await makeProject({ tools: { wrangler: '^4' }, files });
    const server = await project.serve('wrangler/bin/wrangler.js', 'dev', '--ip', '127.0.0.1', '--port');
    await throughProxy(context, server.url).finally(server.stop);
    return project.versions('wrangler', 'workerd');
  },
};

export const runtimes = [node(20), node(24), deno, bun, workerd, recipe, vitest];
