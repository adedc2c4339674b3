// Bundlers and frameworks: each gets the project that its own template gives, and the page runs.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { root } from '../../scripts/places.mjs';
import { pageHtml, pageModule, route } from './app.mjs';
import { openToAll, throughProxy } from './runtimes.mjs';
import { openSite } from './site.mjs';

const moduleScript = (src) => pageHtml(`<script type="module" src="${src}"></script>`);
const plainScript = (src) => pageHtml(`<script src="${src}"></script>`);
const vitePage = { 'index.html': moduleScript('/main.js'), 'main.js': pageModule() };

const vite = (major, mode) => ({
  name: `vite-${major}-${mode}`,
  title: `Vite ${major} ${mode}`,
  async run({ makeProject, inChromium }) {
    const project = await makeProject({ tools: { vite: `^${major}` }, files: vitePage });
    if (mode === 'dev') {
      const server = await project.serve('vite/bin/vite.js', '--host', '127.0.0.1', '--port');
      await inChromium(server.url).finally(server.stop);
    } else {
      await project.node('vite/bin/vite.js', 'build');
      await built(project, 'dist', inChromium);
    }
    return project.versions();
  },
});

/** A bundler that makes one script of `src/index.js`, loaded by a page written by hand. */
const script = (name, title, { tools, build, files = {}, page = plainScript }) => ({
  name,
  title,
  async run({ makeProject, inChromium }) {
    const project = await makeProject({ tools, files: { 'src/index.js': pageModule(), ...files } });
    await build(project);
    await project.add({ 'dist/index.html': page('main.js') });
    await built(project, 'dist', inChromium);
    return project.versions();
  },
});

async function built(project, folder, inChromium) {
  const site = await openSite({ folder: join(project.folder, folder) });
  await inChromium(site.url).finally(site.stop);
}

const rollupConfig = `import { nodeResolve } from '@rollup/plugin-node-resolve';
export default { input: 'src/index.js', output: { file: 'dist/main.js' }, plugins: [nodeResolve()] };
`;

const clientComponent = `'use client';
import { useEffect } from 'react';
import { generateAudio } from 'stable-audio-client';
export default function Track() {
  useEffect(() => {
    const baseUrl = new URLSearchParams(location.search).get('service')!;
    generateAudio('rain', { baseUrl, apiKey: 'demo-key', pollIntervalMs: 1000 }).then(
      (url) => (document.title = 'made ' + url),
      (error) => (document.title = 'failed ' + error.code + ': ' + error.message),
    );
  }, []);
  return null;
}
`;
const serverComponent = `import { StableAudio, isStableAudioError } from 'stable-audio-client';
import Track from './track';
export default function Home() {
  const client = new StableAudio({ baseUrl: '/api' });
  return <main data-client={String(client instanceof StableAudio && !isStableAudioError(client))}><Track /></main>;
}
`;

/** The template's project with more files in it, built and served. */
export async function nextApp({ makeProject, makeFolder, npx }, files, work) {
  const folder = await makeFolder();
  const choices = ['--empty', '--ts', '--app', '--no-eslint', '--no-tailwind', '--no-src-dir', '--no-import-alias'];
  await npx('create-next-app', join(folder, 'app'), ...choices, '--skip-install', '--disable-git', '--yes');
  const project = await makeProject({ folder: join(folder, 'app'), keep: true, files });
  await project.node('next/dist/bin/next', 'build');
  const server = await project.serve('next/dist/bin/next', 'start', '--hostname', '127.0.0.1', '--port');
  try {
    await work(server);
  } catch (error) {
    throw new Error(`${error.message}\n${server.output().slice(-2000)}`, { cause: error });
  } finally {
    await server.stop();
  }
  return project.versions('next', 'react');
}

const next = {
  name: 'next',
  title: 'Next (--empty): client and server component, route, the proxy recipe',
  async run(context) {
    const { inChromium, made, emulator } = context;
    const files = {
      'app/page.tsx': serverComponent,
      'app/track.tsx': clientComponent,
      'app/track/route.ts': route,
      'app/api/v2/generate/audio/route.ts': await readFile(join(root, 'www', 'recipes', 'next-route.ts'), 'utf8'),
      'app/api/v2/generate/audio/may-use.js': openToAll['may-use.js'],
      '.env': `AIMLAPI_URL=${emulator.url}\nAIMLAPI_KEY=demo-key\n`,
    };
    return nextApp(context, files, async ({ url }) => {
      const html = await (await fetch(url)).text();
      if (!html.includes('data-client="true"')) throw new Error('the server component did not render');
      await inChromium(url);
      await made(async () => (await fetch(`${url}/track?service=${emulator.url}`)).text());
      await throughProxy(context, url);
    });
  },
};

const nextEdge = {
  name: 'next-edge',
  title: "Next, a route on the edge runtime (the template's cacheComponents, which excludes it, left out)",
  async run(context) {
    const { made, emulator } = context;
    const files = {
      'next.config.ts': 'export default {};\n',
      'app/track/route.ts': `export const runtime = 'edge';\n${route}`,
    };
    return nextApp(context, files, ({ url }) =>
      made(async () => (await fetch(`${url}/track?service=${emulator.url}`)).text()),
    );
  },
};

export const bundlers = [
  vite(8, 'dev'),
  vite(8, 'build'),
  vite(7, 'dev'),
  vite(7, 'build'),
  script('webpack', 'webpack 5', {
    tools: { webpack: '^5', 'webpack-cli': 'latest' },
    build: (project) => project.node('webpack/bin/webpack.js', '--mode', 'production'),
  }),
  script('rspack', 'Rspack', {
    tools: { '@rspack/core': 'latest', '@rspack/cli': 'latest' },
    build: (project) => project.node('@rspack/cli/bin/rspack.js', 'build', '--mode', 'production'),
  }),
  script('rollup', 'Rollup', {
    tools: { rollup: 'latest', '@rollup/plugin-node-resolve': 'latest' },
    files: { 'rollup.config.js': rollupConfig },
    page: moduleScript,
    build: (project) => project.node('rollup/dist/bin/rollup', '--config'),
  }),
  script('rolldown', 'rolldown', {
    tools: { rolldown: 'latest' },
    page: moduleScript,
    build: (project) => project.node('rolldown/bin/cli.mjs', 'src/index.js', '--file', 'dist/main.js'),
  }),
  script('esbuild', 'esbuild', {
    tools: { esbuild: 'latest' },
    // Not Node's script everywhere: where it may, the installation puts the program itself there.
    build: (project) =>
      project.run(project.bin('esbuild/bin/esbuild'), 'src/index.js', '--bundle', '--outfile=dist/main.js'),
  }),
  {
    name: 'parcel',
    title: 'Parcel 2',
    async run({ makeProject, inChromium }) {
      const files = { 'src/index.html': moduleScript('main.js'), 'src/main.js': pageModule() };
      const project = await makeProject({ tools: { parcel: '^2' }, files });
      await project.node('parcel/lib/bin.js', 'build', 'src/index.html');
      await built(project, 'dist', inChromium);
      return project.versions();
    },
  },
  next,
  nextEdge,
];
