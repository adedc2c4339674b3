// Frameworks: a project of each framework's own template, with pages and routes that generate.

import { join } from 'node:path';

import { route } from './app.mjs';
import { nodePackage } from './project.mjs';

const clientComponent = `'use client';
import { useEffect } from 'react';
import { generateAudio } from 'stable-audio-client';
export default function Track() {
  useEffect(() => {
    const baseUrl = new URLSearchParams(location.search).get('service')!;
    generateAudio('rain', { baseUrl, apiKey: 'demo-key', pollIntervalMs: 1000 }).then(
      (url) => (document.title = 'generated ' + url),
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

/** A project of the template, with further files. */
async function nextProject({ makeProject, makeFolder, npx }, files, tools) {
  const folder = await makeFolder();
  const choices = ['--empty', '--ts', '--app', '--no-eslint', '--no-tailwind', '--no-src-dir', '--no-import-alias'];
  await npx('create-next-app', join(folder, 'app'), ...choices, '--skip-install', '--disable-git', '--yes');
  return makeProject({ folder: join(folder, 'app'), keep: true, files, tools });
}

/** Builds and serves such a project. */
export async function nextApp(context, files, work) {
  const project = await nextProject(context, files);
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
  title: 'Next (--empty): client and server component, route',
  async run(context) {
    const { inChromium, assertGenerates, emulator } = context;
    const files = {
      'app/page.tsx': serverComponent,
      'app/track.tsx': clientComponent,
      'app/track/route.ts': route,
    };
    return nextApp(context, files, async ({ url }) => {
      const html = await (await fetch(url)).text();
      if (!html.includes('data-client="true"')) throw new Error('the server component did not render');
      await inChromium(url);
      await assertGenerates(async () => (await fetch(`${url}/track?service=${emulator.url}`)).text());
    });
  },
};

const nextEdge = {
  name: 'next-edge',
  title: "Next, a route on the edge runtime (the template's cacheComponents, which excludes it, left out)",
  async run(context) {
    const { assertGenerates, emulator } = context;
    const files = {
      'next.config.ts': 'export default {};\n',
      'app/track/route.ts': `export const runtime = 'edge';\n${route}`,
    };
    return nextApp(context, files, ({ url }) =>
      assertGenerates(async () => (await fetch(`${url}/track?service=${emulator.url}`)).text()),
    );
  },
};

// They require a newer Node than this package.
const newerNode = { wrangler: '^4', [nodePackage]: '^24' };

/** Runs a route of a server that was built for Cloudflare in workerd. */
async function inWorkerd({ assertGenerates, emulator }, project, ...flags) {
  const server = await project.serve('wrangler/bin/wrangler.js', 'dev', ...flags, '--ip', '127.0.0.1', '--port');
  try {
    await assertGenerates(async () => (await fetch(`${server.url}/track?service=${emulator.url}`)).text());
  } catch (error) {
    throw new Error(`${error.message}\n${server.output().slice(-2000)}`, { cause: error });
  } finally {
    await server.stop();
  }
}

const nuxt = {
  name: 'nuxt-cloudflare',
  title: 'Nuxt on an edge preset, with `nitro.experimental.wasm`, in workerd',
  async run(context) {
    const config = {
      compatibilityDate: '2026-01-01',
      nitro: { preset: 'cloudflare_module', experimental: { wasm: true }, cloudflare: { deployConfig: true } },
    };
    const files = {
      'nuxt.config.js': `export default ${JSON.stringify(config)};\n`,
      'app/app.vue': '<template><p>track</p></template>\n',
      'server/routes/track.get.ts': `${route.replace('export async function GET(request: Request)', 'async function generate(request: Request)')}
export default defineEventHandler((event) => generate(toWebRequest(event)));
`,
    };
    const project = await context.makeProject({ tools: { nuxt: 'latest', ...newerNode }, files });
    await project.node('nuxt/bin/nuxt.mjs', 'build');
    await inWorkerd(context, project, '--cwd', '.output');
    return project.versions('nuxt', 'wrangler');
  },
};

const openNext = {
  name: 'opennext-cloudflare',
  title: 'Next by OpenNext, with `serverExternalPackages`, in workerd',
  async run(context) {
    // It requires a recent version of Next, which the template may not have.
    const tools = { next: '>=16.4.5', '@opennextjs/cloudflare': 'latest', ...newerNode };
    const project = await nextProject(
      context,
      {
        'next.config.ts': "export default { serverExternalPackages: ['stable-audio-client'] };\n",
        'app/track/route.ts': route,
        'open-next.config.ts': `import { defineCloudflareConfig } from '@opennextjs/cloudflare';
export default defineCloudflareConfig();
`,
        'wrangler.jsonc': JSON.stringify({
          name: 'consumer',
          main: '.open-next/worker.js',
          compatibility_date: '2026-01-01',
          compatibility_flags: ['nodejs_compat'],
          assets: { directory: '.open-next/assets', binding: 'ASSETS' },
        }),
      },
      tools,
    );
    await project.node('@opennextjs/cloudflare/dist/cli/index.js', 'build');
    await inWorkerd(context, project);
    return project.versions('next', '@opennextjs/cloudflare', 'wrangler');
  },
};

export const frameworks = [next, nextEdge, nuxt, openNext];
