// The server half in each runtime, in front of the emulator, whose ledger tells what was charged. The examples of
// `www/examples/` are run unchanged.

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { root } from '../../tools/paths.mjs';
import { example, openToAll } from '../server/support/examples.mjs';
import { nextApp } from './frameworks.mjs';
import { nodePackage, nodeProgram } from './project.mjs';
import { linuxOnly, throughServer } from './runtimes.mjs';

const handler = (baseUrl) => `import { createHandler } from 'stable-audio-client/server';
const handler = createHandler({ apiKey: () => 'demo-key', authorize: () => 'ada', baseUrl: '${baseUrl}' });
`;

/** Sets the environment of the examples; the port is the program's first argument. */
const environment = `Object.assign(process.env, {
  AIMLAPI_KEY: 'demo-key', HOST: '127.0.0.1', PORT: process.argv[2],
});
`;

const node = (major) => ({
  name: `server-node-${major}`,
  title: `the server half in Node ${major}`,
  async run(context) {
    const files = {
      'run.mjs': `${environment}await import('./node.js');\n`,
      'node.js': await example('node.js', context.emulator.url),
      ...openToAll,
    };
    const project = await context.makeProject({ tools: { [nodePackage]: `^${major}`, srvx: '^1' }, files });
    await checkServer(context, await project.serveBy(project.bin(nodeProgram), 'run.mjs'));
    return (await project.run(project.bin(nodeProgram), '--version')).trim();
  },
});

const deno = {
  name: 'server-deno',
  title: 'the server half in Deno',
  skip: linuxOnly,
  async run(context) {
    const listen =
      "Deno.serve({ port: Number(Deno.args[0]), hostname: '127.0.0.1' }, (request) => handler(request));\n";
    const tools = { '@deno/linux-x64-glibc': 'latest' };
    const project = await context.makeProject({ tools, files: { 'run.mjs': handler(context.emulator.url) + listen } });
    const binary = project.bin('@deno/linux-x64-glibc/deno');
    await checkServer(context, await project.serveBy(binary, 'run', '--no-remote', '--allow-net=127.0.0.1', 'run.mjs'));
    return (await project.run(binary, '--version')).split('\n')[0];
  },
};

const bun = {
  name: 'server-bun',
  title: 'the server half in Bun',
  skip: linuxOnly,
  async run(context) {
    const listen = "Bun.serve({ fetch: handler, port: process.argv[2], hostname: '127.0.0.1' });\n";
    const tools = { '@oven/bun-linux-x64': 'latest' };
    const project = await context.makeProject({ tools, files: { 'run.mjs': handler(context.emulator.url) + listen } });
    const binary = project.bin('@oven/bun-linux-x64/bin/bun');
    await checkServer(context, await project.serveBy(binary, 'run.mjs'));
    return `bun ${(await project.run(binary, '--version')).trim()}`;
  },
};

const workerd = {
  name: 'server-workerd',
  title: 'the server half in workerd (wrangler dev)',
  async run(context) {
    const vars = { AIMLAPI_KEY: 'demo-key' };
    const config = { name: 'server', main: 'cloudflare.js', compatibility_date: '2024-09-01', vars };
    const files = {
      'cloudflare.js': await example('cloudflare.js', context.emulator.url),
      'wrangler.jsonc': JSON.stringify(config),
      ...openToAll,
    };
    const project = await context.makeProject({ tools: { wrangler: '^4' }, files });
    await checkServer(context, await project.serve('wrangler/bin/wrangler.js', 'dev', '--ip', '127.0.0.1', '--port'));
    return project.versions('wrangler', 'workerd');
  },
};

const durableObject = {
  name: 'server-durable-object',
  title: 'the example of a Durable Object as a store, in workerd (wrangler dev)',
  async run(context) {
    const example = join(root, 'www', 'examples', 'cloudflare-durable-object');
    const files = { '.dev.vars': 'AIMLAPI_KEY=demo-key\n' };
    for (const name of await readdir(example)) files[name] = await readFile(join(example, name), 'utf8');
    files['session.js'] = `const real = fetch;
globalThis.fetch = (url, init) => real(url.replace('https://api.aimlapi.com', '${context.emulator.url}'), init);
export const userOf = async () => 'ada';
`;
    const project = await context.makeProject({ tools: { wrangler: '^4' }, files });
    const start = () => project.serve('wrangler/bin/wrangler.js', 'dev', '--ip', '127.0.0.1', '--port');
    await checkServer(context, await start());
    const restarted = await start();
    try {
      assertEqual((await submit(restarted.url, 'accepted')).replayed, 'true', 'idempotency-replayed, after a restart');
    } finally {
      await restarted.stop();
    }
    return project.versions('wrangler', 'workerd');
  },
};

const hono = {
  name: 'server-hono',
  title: 'the server half in Hono',
  async run(context) {
    const listen = `import { serve } from 'srvx/node';
const { default: app } = await import('./hono.js');
serve({ fetch: app.fetch, silent: true });
`;
    const files = {
      'run.mjs': environment + listen,
      'hono.js': await example('hono.js', context.emulator.url),
      ...openToAll,
    };
    const project = await context.makeProject({ tools: { hono: '^4', srvx: '^1' }, files });
    await checkServer(context, await project.serveBy(process.execPath, 'run.mjs'));
    return project.versions('hono', 'srvx');
  },
};

const next = {
  name: 'server-next',
  title: "the server half as a route of Next's app router",
  async run(context) {
    const files = {
      'app/page.tsx': 'export default function Home() {\n  return null;\n}\n',
      'app/api/v2/generate/audio/route.ts': await example('next-route.ts', context.emulator.url),
      'app/api/v2/generate/audio/site.js': openToAll['site.js'],
      '.env': 'AIMLAPI_KEY=demo-key\n',
    };
    return nextApp(context, files, (server) => serves(context, server));
  },
};

const svelteKit = {
  name: 'server-sveltekit',
  title: 'the server half as an endpoint of SvelteKit (adapter-node)',
  async run(context) {
    const endpoint = `${handler(context.emulator.url)}const answer = ({ request, platform }) => handler(request, platform?.ctx);
export { answer as GET, answer as POST, answer as OPTIONS };
`;
    const files = {
      'vite.config.js': `import adapter from '@sveltejs/adapter-node';
import { sveltekit } from '@sveltejs/kit/vite';
export default { plugins: [sveltekit({ adapter: adapter() })] };
`,
      'src/app.html': '<!doctype html><html><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>\n',
      'src/routes/api/v2/generate/audio/+server.js': endpoint,
      'run.mjs': `Object.assign(process.env, { HOST: '127.0.0.1', PORT: process.argv[2] });
await import('./build/index.js');
`,
    };
    const tools = {
      '@sveltejs/kit': '^3',
      '@sveltejs/adapter-node': '^6',
      '@sveltejs/vite-plugin-svelte': '^7',
      svelte: '^5',
      typescript: '^6',
      vite: '^8',
      // It requires a newer Node than this package.
      [nodePackage]: '^24',
    };
    const project = await context.makeProject({ tools, files });
    const binary = project.bin(nodeProgram);
    await project.run(binary, project.bin('vite/bin/vite.js'), 'build');
    await checkServer(context, await project.serveBy(binary, 'run.mjs'));
    return project.versions('@sveltejs/kit', '@sveltejs/adapter-node');
  },
};

/** Generates through the server, and runs the rows of the state table that do not need a fake clock. */
async function checkServer(context, server) {
  try {
    await throughServer(context, server.url);
    for (const row of rows) await row(server.url, context.emulator);
  } finally {
    await server.stop();
  }
}

const rows = [
  async function accepted(url, emulator) {
    await emulator.reset();
    const [one, two] = await Promise.all([submit(url, 'accepted'), submit(url, 'accepted')]);
    const three = await submit(url, 'accepted');
    assertEqual([one.status, two.status, three.status], [201, 201, 201], 'accepted');
    assertEqual([two.body.id, three.body.id], [one.body.id, one.body.id], 'the id');
    assertEqual(three.replayed, 'true', 'idempotency-replayed');
    const look = await lookup(url, 'accepted');
    assertEqual([look.state, look.reply.id], ['accepted', one.body.id], 'the look-up');
    await charged(emulator, 1);
  },
  async function refused(url, emulator) {
    await emulator.reset();
    await emulator.plan({ submit: [{ status: 429 }] });
    assertEqual((await submit(url, 'refused')).status, 429, 'refused');
    assertEqual((await lookup(url, 'refused')).state, 'none', 'the look-up of what was refused');
    assertEqual((await submit(url, 'refused')).status, 201, 'the next one');
    await charged(emulator, 1);
  },
  async function sending(url, emulator) {
    await emulator.reset();
    await emulator.plan({ submit: [{ delay_ms: 1500 }] });
    const first = submit(url, 'sending');
    await emulator.ledgerWhen(({ requests }) => requests.length > 0);
    assertEqual((await lookup(url, 'sending')).state, 'sending', 'the look-up of what is under way');
    const second = await submit(url, 'sending');
    assertEqual([second.body.id, second.replayed], [(await first).body.id, 'true'], 'the duplicate');
    await charged(emulator, 1);
  },
  // On a connection that was used before, where some runtimes retry.
  async function unknown(url, emulator) {
    await emulator.reset();
    await emulator.plan({ submit: [{ pass: true }, { reset: 'after' }] });
    await submit(url, 'before');
    await isUnknown(url, 'reset');
    await charged(emulator, 2);
  },
  async function unknownByItsReply(url, emulator) {
    for (const status of [500, 408, 303]) {
      await emulator.reset();
      await emulator.plan({ submit: [{ status, body: {}, headers: { location: '/' }, after_accept: true }] });
      await isUnknown(url, status);
      await charged(emulator, 1);
    }
  },
  async function refusedHere(url, emulator) {
    await emulator.reset();
    const other = { prompt: 'rain', model: 'elevenlabs/eleven_music' };
    assertEqual((await submit(url, 'other', other)).status, 400, 'another model');
    assertEqual(
      (await submit(url, 'foreign', undefined, { origin: 'https://evil.example' })).status,
      403,
      'another origin',
    );
    await charged(emulator, 0);
  },
];

async function isUnknown(url, key) {
  assertEqual((await submit(url, key)).status, 502, `unknown by ${key}`);
  assertEqual((await submit(url, key)).status, 502, 'the repeat');
  assertEqual((await lookup(url, key)).state, 'unknown', 'the look-up');
}

async function submit(url, key, body = { prompt: 'rain', steps: 1 }, headers = {}) {
  const reply = await fetch(`${url}/api/v2/generate/audio`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `"${key}"`, ...headers },
    body: JSON.stringify({ model: 'stable-audio', ...body }),
  });
  return { status: reply.status, replayed: reply.headers.get('idempotency-replayed'), body: await reply.json() };
}

async function lookup(url, key) {
  return (await fetch(`${url}/api/v2/generate/audio?idempotency_key=${key}`)).json();
}

async function charged(emulator, times) {
  const { requests, generations } = await emulator.ledger();
  const accepted = requests.filter(({ method, status }) => method === 'POST' && status !== 429).length;
  assertEqual([generations.length, accepted], [times, times], 'generations, and submits that were not refused');
}

function assertEqual(found, wanted, what) {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) {
    throw new Error(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
  }
}

export const servers = [node(20), node(24), deno, bun, workerd, durableObject, hono, next, svelteKit];
