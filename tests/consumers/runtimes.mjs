// Runtimes outside browsers.

import { program, generateTest, worker } from './app.mjs';
import { nodePackage } from './project.mjs';

const onLinux = process.platform === 'linux' && process.arch === 'x64';
export const linuxOnly = !onLinux && 'its program is taken from npm for Linux on x64 alone';

const node = (major) => ({
  name: `node-${major}`,
  title: `Node ${major}`,
  async run({ makeProject, assertGenerates, emulator }) {
    const files = {
      'run.mjs': program('process.argv[2]'),
      'run.cjs': "console.log(Object.keys(require('stable-audio-client')).join());",
    };
    const project = await makeProject({ tools: { [nodePackage]: `^${major}` }, files });
    await assertGenerates(() => project.script('run.mjs', emulator.url));
    const names = await project.script('--no-warnings', 'run.cjs');
    if (!names.includes('generateAudio')) throw new Error(`require() gave ${names}`);
    return (await project.script('--version')).trim();
  },
});

const deno = {
  name: 'deno',
  title: 'Deno',
  skip: linuxOnly,
  async run({ makeProject, assertGenerates, emulator }) {
    const tools = { '@deno/linux-x64-glibc': 'latest' };
    const project = await makeProject({ tools, files: { 'run.mjs': program('Deno.args[0]') } });
    const binary = project.bin('@deno/linux-x64-glibc/deno');
    await assertGenerates(() =>
      project.run(binary, 'run', '--no-remote', '--allow-net=127.0.0.1', 'run.mjs', emulator.url),
    );
    return (await project.run(binary, '--version')).split('\n')[0];
  },
};

const bun = {
  name: 'bun',
  title: 'Bun',
  skip: linuxOnly,
  async run({ makeProject, assertGenerates, emulator }) {
    const tools = { '@oven/bun-linux-x64': 'latest' };
    const project = await makeProject({ tools, files: { 'run.mjs': program('process.argv[2]') } });
    const binary = project.bin('@oven/bun-linux-x64/bin/bun');
    await assertGenerates(() => project.run(binary, 'run.mjs', emulator.url));
    return `bun ${(await project.run(binary, '--version')).trim()}`;
  },
};

const wranglerConfig = (date = '2026-01-01') =>
  `{ "name": "consumer", "main": "src/index.js", "compatibility_date": "${date}" }`;

const workerd = (name, title, date) => ({
  name,
  title,
  async run({ makeProject, assertGenerates, emulator }) {
    const files = { 'src/index.js': worker, 'wrangler.jsonc': wranglerConfig(date) };
    const project = await makeProject({ tools: { wrangler: '^4' }, files });
    const server = await project.serve('wrangler/bin/wrangler.js', 'dev', '--ip', '127.0.0.1', '--port');
    try {
      const signal = AbortSignal.timeout(60_000);
      await assertGenerates(async () => (await fetch(`${server.url}?service=${emulator.url}`, { signal })).text());
    } finally {
      await server.stop();
    }
    return project.versions('wrangler', 'workerd');
  },
});

const workerdVite = {
  name: 'workerd-vite',
  title: "workerd (Cloudflare's plugin for Vite), dev and build",
  async run({ makeProject, assertGenerates, emulator }) {
    const files = {
      'src/index.js': worker,
      'wrangler.jsonc': wranglerConfig(),
      'vite.config.js': `import { cloudflare } from '@cloudflare/vite-plugin';
export default { plugins: [cloudflare({ inspectorPort: false })] };
`,
    };
    const project = await makeProject({ tools: { vite: 'latest', '@cloudflare/vite-plugin': 'latest' }, files });
    await project.node('vite/bin/vite.js', 'build');
    for (const mode of [[], ['preview']]) {
      const server = await project.serve('vite/bin/vite.js', ...mode, '--host', '127.0.0.1', '--port');
      try {
        await assertGenerates(async () => (await fetch(`${server.url}?service=${emulator.url}`)).text());
      } finally {
        await server.stop();
      }
    }
    return project.versions();
  },
};

const workerdVitest = {
  name: 'workerd-vitest',
  title: "workerd (Cloudflare's plugin for Vitest)",
  async run({ makeProject, assertGenerates, emulator }) {
    const files = {
      'wrangler.jsonc': wranglerConfig(),
      'src/index.js': worker,
      'vitest.config.js': `import { cloudflareTest } from '@cloudflare/vitest-plugin';
export default { plugins: [cloudflareTest({ wrangler: { configPath: './wrangler.jsonc' } })] };
`,
      'app.test.js': `import { it } from 'vitest';
import { generateAudio } from 'stable-audio-client';
${generateTest(emulator.url)}`,
    };
    const project = await makeProject({ tools: { vitest: '^4', '@cloudflare/vitest-plugin': 'latest' }, files });
    await assertGenerates(async () => /generated \S+/.exec(await project.node('vitest/vitest.mjs', 'run'))?.[0]);
    return project.versions();
  },
};

/** A program that generates through a server half; every request to the service must have its key. */
export async function throughServer({ makeProject, assertGenerates, emulator }, url) {
  const body = program("process.argv[2] + '/api'").replace(", apiKey: 'demo-key'", '');
  const visitor = await makeProject({ files: { 'run.mjs': body } });
  await assertGenerates(() => visitor.script('run.mjs', url));
  const { requests } = await emulator.ledger();
  if (requests.some(({ key }) => key !== 'demo')) throw new Error('a request without the key reached the service');
}

export const runtimes = [
  node(20),
  node(24),
  deno,
  bun,
  workerd('workerd', 'workerd (wrangler dev)'),
  workerd('workerd-2024', 'workerd of a date before it knew `cache` (wrangler dev)', '2024-09-01'),
  workerdVite,
  workerdVitest,
];
