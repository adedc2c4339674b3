// The time from import to the first request, cold: each client in a page of its own, loaded afresh. One server
// sees both ends, so that no browser clock rounds them: the request for the client's file, and the first request
// that the client then sends.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { shownCompetitors } from '../tools/bench/figures.mjs';
import { root } from '../tools/paths.mjs';
import { installCompetitors } from '../tools/setup/competitors.mjs';
import { bundled } from '../tools/size/bundle.mjs';
import { addressOf } from '../tools/start/address.mjs';
import { aligned } from '../tools/table.mjs';
import { openBrowser } from '../tests/browser/harness/engines.mjs';
import { listen } from '../tests/support/listen.mjs';

const folder = join(root, 'bench');
const engines = ['chromium', 'firefox', 'webkit'];
const warmUps = 3;
const rounds = 25;

/** One generation each, started as its documentation says; `base` is the URL for this page's requests. */
const clients = {
  'bare fetch': `const init = { method: 'POST', headers: { authorization: 'Bearer k', 'content-type': 'application/json' } };
const generation = await (await fetch(base, { ...init, body: '{"model":"stable-audio","prompt":"rain"}' })).json();
for (;;) {
  await new Promise((resolve) => setTimeout(resolve, 10000));
  const reply = await (await fetch(base + '?generation_id=' + generation.id, init)).json();
  if (reply.status === 'completed') break;
}`,
  'stable-audio-client': `import { generateAudio } from 'stable-audio-client';
await generateAudio('rain', { baseUrl: base, apiKey: 'k' });`,
  'stable-audio-client/slim': `import { generateAudio, ready } from 'stable-audio-client/slim';
await ready(fetch('/core.wasm'));
await generateAudio('rain', { baseUrl: base, apiKey: 'k' });`,
  replicate: `import Replicate from 'replicate';
await new Replicate({ auth: 'k', baseUrl: base }).run('a/b:c', { input: { prompt: 'rain' } });`,
  '@fal-ai/client': `import { fal } from '@fal-ai/client';
fal.config({ proxyUrl: base });
await fal.subscribe('fal-ai/stable-audio', { input: { prompt: 'rain' } });`,
  openai: `import OpenAI from 'openai';
const client = new OpenAI({ apiKey: 'k', baseURL: base, dangerouslyAllowBrowser: true });
await client.images.generate({ model: 'a', prompt: 'rain' });`,
};

/** By client: its bytes, and the times in every available engine. */
export async function measure({ engines: present }) {
  await installCompetitors();
  const files = await programs();
  const server = await serve(files);
  const columns = {};
  try {
    for (const engine of engines) if (present[engine]) columns[engine] = await load(engine, server);
  } finally {
    await server.stop();
  }
  return Object.fromEntries(
    Object.keys(clients).map((name) => {
      const times = Object.entries(columns).map(([engine, all]) => [engine, summary(all[name])]);
      return [name, { bytes: files[name].length, ...Object.fromEntries(times) }];
    }),
  );
}

/** One table. */
export function report(results) {
  const head = ['client', 'bytes', ...engines.map((engine) => `${engine}: median (10 %–90 %; least), ms`)];
  const rows = Object.entries(results).map(([name, result]) =>
    [name, result.bytes].concat(engines.map((engine) => (result[engine] ? format(result[engine]) : 'not run'))),
  );
  return `${aligned([head, ...rows])}

${rounds} loads each, in turn, after ${warmUps} that do not count; the clients bundled and minified.`;
}

/** The figures for the README. */
export function figures(results) {
  const ms = (name) => `${results[name].chromium.median.toFixed(0)} ms`;
  if (!results.replicate.chromium) return [];
  const competitors = shownCompetitors.map((name) => `${name} ${ms(name)}`);
  return [['import to first request', [ms('stable-audio-client'), competitors.join(', ')].join('; ')]];
}

async function load(engine, server) {
  const times = Object.fromEntries(Object.keys(clients).map((name) => [name, []]));
  const { driver, close } = await openBrowser(engine);
  try {
    for (let round = -warmUps; round < rounds; round += 1) {
      for (const name of Object.keys(clients)) {
        const { url, took } = server.sample(name);
        await driver.get(url);
        const ms = await took;
        if (round >= 0) times[name].push(ms);
      }
    }
  } finally {
    await close();
  }
  return times;
}

async function programs() {
  const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const own = Object.entries(exports).filter(([, target]) => target.default);
  const alias = own.map(([path, target]) => [`stable-audio-client${path.slice(1)}`, join(root, target.default)]);
  const files = {};
  for (const [name, text] of Object.entries(clients)) {
    const base = "const base = new URL('/service/' + new URL(import.meta.url).search.slice(1), location.href).href;\n";
    const imports = text.startsWith('import') ? text.indexOf('\n') + 1 : 0;
    const contents = text.slice(0, imports) + base + text.slice(imports);
    // The longer name first, since the shorter one is its prefix.
    const names = { alias: Object.fromEntries(alias.toReversed()) };
    files[name] = await bundled({ stdin: { contents, resolveDir: folder } }, names);
  }
  return files;
}

/** A server that measures from the request for a client's file to the client's first request. */
async function serve(files) {
  const wasm = await readFile(join(root, 'dist', 'core.wasm'));
  const samples = new Map();
  let count = 0;
  const server = createServer((request, response) => {
    const now = performance.now();
    const { pathname = '/', search = '' } = addressOf(request) ?? {};
    const id = pathname.startsWith('/service/') ? pathname.split('/')[2].split('&')[0] : search.slice(1);
    const sample = samples.get(id);
    response.setHeader('cache-control', 'no-store');
    if (pathname === '/core.wasm') return response.setHeader('content-type', 'application/wasm').end(wasm);
    if (!sample) return response.writeHead(404).end();
    if (pathname === '/') return response.setHeader('content-type', 'text/html').end(sample.page);
    if (pathname === '/client.js') {
      sample.begun = now;
      return response.setHeader('content-type', 'text/javascript').end(files[sample.name]);
    }
    sample.resolve(now - sample.begun);
    // Later requests are not measured.
    return response.writeHead(400, { 'content-type': 'application/json' }).end('{}');
  });
  const { url, close } = await listen(server);
  return {
    sample(name) {
      const id = `s${(count += 1)}`;
      const page = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/client.js?${id}"></script>`;
      const took = new Promise((resolve, reject) => {
        samples.set(id, { name, page, resolve });
        setTimeout(() => reject(new Error(`${name} sent nothing in 30 s`)), 30_000).unref();
      });
      took.catch(() => {});
      return { url: `${url}/?${id}`, took };
    },
    stop: close,
  };
}

function summary(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { median: at(0.5), low: at(0.1), high: at(0.9), least: at(0) };
}

function format({ median, low, high, least }) {
  return `${median.toFixed(1)} (${low.toFixed(1)}–${high.toFixed(1)}; ${least.toFixed(1)})`;
}
