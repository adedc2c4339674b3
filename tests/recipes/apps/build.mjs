// The recipes as apps: each file of `www/examples/jobs/` as a reader would copy it into a project, built
// by its framework's plug-in for Vite, for the page and for a server that renders the page first.

import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { root } from '../../../tools/paths.mjs';
import { installLocked } from '../../../tools/setup/locked.mjs';

const here = import.meta.dirname;
const examples = join(root, 'www', 'examples', 'jobs');
const output = { entryFileNames: 'main.js' };

/**
 * By name: the recipe's file; the folder with what an app has around it; how often its component
 * subscribes while it is mounted once. React's StrictMode mounts, unmounts and mounts again.
 */
export const recipes = {
  react: { file: 'react.tsx', app: 'react', subscriptions: 2 },
  'tanstack-query': { file: 'tanstack-query.tsx', app: 'react', subscriptions: 2 },
  'tanstack-ai': { file: 'tanstack-ai.tsx', app: 'react', subscriptions: 0 },
  vue: { file: 'tracks.vue', app: 'vue', subscriptions: 1 },
  svelte: { file: 'tracks.svelte', app: 'svelte', subscriptions: 1 },
  solid: { file: 'solid.tsx', app: 'solid', subscriptions: 1 },
};

const plugins = {
  react: async () => (await import('@vitejs/plugin-react')).default(),
  vue: async () => (await import('@vitejs/plugin-vue')).default(),
  svelte: async () => (await import('@sveltejs/vite-plugin-svelte')).svelte({ configFile: false }),
  solid: async () => (await import('vite-plugin-solid')).default({ ssr: true }),
};

/** The text of a recipe as it is. */
export function textOf(file) {
  return readFile(join(examples, file), 'utf8');
}

/** The text of a recipe whose jobs are asked for more often than a reader's. */
export async function hastened(file) {
  return (await textOf(file)).replace('openJobs({', '$& waitOptions: { pollIntervalMs: 1000 },');
}

/** Makes a folder a project with the package in `packed`, and with all that the recipes are built with. */
export async function addPackages(folder, packed) {
  await installLocked(here, 'what the recipes are built with');
  const { dependencies } = JSON.parse(await readFile(join(here, 'package.json'), 'utf8'));
  const packages = { 'stable-audio-client': packed };
  for (const name of Object.keys(dependencies)) packages[name] = join(here, 'node_modules', name);
  for (const [name, place] of Object.entries(packages)) {
    const link = join(folder, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(place, link, 'junction');
  }
}

/** Builds a recipe in a folder of the project: what a server renders, and the page's script. */
export async function buildApp(name, project) {
  const { file, app } = recipes[name];
  const folder = join(project, name);
  for (const part of ['shared', app, name]) await cp(join(here, part), folder, { recursive: true });
  for (const copied of ['jobs.ts', file]) await writeFile(join(folder, copied), await hastened(copied));

  await bundle(folder, app, { outDir: 'client', rolldownOptions: { input: join(folder, 'client.jsx'), output } });
  await bundle(folder, app, { outDir: 'server', ssr: join(folder, 'server.jsx'), rolldownOptions: { output } });
  const { render, head = () => '' } = await import(pathToFileURL(join(folder, 'server', 'main.js')));
  const script = await readFile(join(folder, 'client', 'main.js'), 'utf8');
  return { head: head(), body: await render(), script };
}

async function bundle(folder, app, options) {
  // As on a developer's machine: frameworks complain, and StrictMode mounts twice.
  process.env.NODE_ENV = 'development';
  const { build } = await import('vite');
  await build({
    root: folder,
    configFile: false,
    logLevel: 'warn',
    mode: 'development',
    plugins: [await plugins[app]()],
    build: { minify: false, ...options },
  });
}
