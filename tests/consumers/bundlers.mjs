// Bundlers: each bundles the script of a page, and the page runs.

import { join } from 'node:path';

import { lazyModule, pageHtml, pageModule, slimModule } from './app.mjs';
import { openSite } from '../support/site.mjs';

const moduleScript = (src) => pageHtml(`<script type="module" src="${src}"></script>`);
const plainScript = (src) => pageHtml(`<script src="${src}"></script>`);
const vitePage = { 'index.html': moduleScript('/main.js'), 'main.js': pageModule() };

/** A page that Vite builds. */
const vitePages = (name, title, code) => ({
  name,
  title,
  async run({ makeProject, inChromium }) {
    const project = await makeProject({ tools: { vite: 'latest' }, files: { ...vitePage, 'main.js': code } });
    await project.node('vite/bin/vite.js', 'build');
    await runBuilt(project, 'dist', inChromium);
    return project.versions();
  },
});

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
      await runBuilt(project, 'dist', inChromium);
    }
    return project.versions();
  },
});

/** A bundler that makes one script of `src/index.js`, for a handwritten page. */
const script = (name, title, { tools, build, code = pageModule(), files = {}, page = plainScript }) => ({
  name,
  title,
  async run({ makeProject, inChromium }) {
    const project = await makeProject({ tools, files: { 'src/index.js': code, ...files } });
    await build(project);
    await project.add({ 'dist/index.html': page('main.js') });
    await runBuilt(project, 'dist', inChromium);
    return project.versions();
  },
});

async function runBuilt(project, folder, inChromium) {
  const site = await openSite({ folder: join(project.folder, folder) });
  await inChromium(site.url).finally(site.stop);
}

const rollupConfig = `import { nodeResolve } from '@rollup/plugin-node-resolve';
export default { input: 'src/index.js', output: { dir: 'dist', entryFileNames: 'main.js' }, plugins: [nodeResolve()] };
`;

const webpack = () => ({
  tools: { webpack: '^5', 'webpack-cli': 'latest' },
  build: (project) => project.node('webpack/bin/webpack.js', '--mode', 'production'),
});

const rspack = () => ({
  tools: { '@rspack/core': 'latest', '@rspack/cli': 'latest' },
  build: (project) => project.node('@rspack/cli/bin/rspack.js', 'build', '--mode', 'production'),
});

const rollup = () => ({
  tools: { rollup: 'latest', '@rollup/plugin-node-resolve': 'latest' },
  files: { 'rollup.config.js': rollupConfig },
  page: moduleScript,
  build: (project) => project.node('rollup/dist/bin/rollup', '--config'),
});

const rolldown = () => ({
  tools: { rolldown: 'latest' },
  page: moduleScript,
  build: (project) =>
    project.node('rolldown/bin/cli.mjs', 'src/index.js', '--dir', 'dist', '--entry-file-names', 'main.js'),
});

const esbuild = (...flags) => ({
  tools: { esbuild: 'latest' },
  page: moduleScript,
  // The installation may replace Node's script by the native program.
  build: (project) =>
    project.run(
      project.bin('esbuild/bin/esbuild'),
      'main=src/index.js',
      '--bundle',
      '--format=esm',
      '--outdir=dist',
      ...flags,
    ),
});

const mangledByTerser = {
  ...esbuild(),
  tools: { esbuild: 'latest', terser: 'latest' },
  async build(project) {
    await esbuild().build(project);
    const flags = ['--module', '--compress', '--mangle', '--mangle-props', 'regex=/^_/', '--output', 'dist/main.js'];
    await project.node('terser/bin/terser', 'dist/main.js', ...flags);
  },
};

const parcel = (name, title, code) => ({
  name,
  title,
  async run({ makeProject, inChromium }) {
    const files = { 'src/index.html': moduleScript('main.js'), 'src/main.js': code };
    const project = await makeProject({ tools: { parcel: '^2' }, files });
    await project.node('parcel/lib/bin.js', 'build', 'src/index.html');
    await runBuilt(project, 'dist', inChromium);
    return project.versions();
  },
});

/** The package is loaded by a dynamic import at the first call. */
const lazyScript = (name, title, tool) =>
  script(`lazy-${name}`, `import() by the call · ${title}`, { ...tool, code: lazyModule });
const lazy = [
  vitePages('lazy-vite', 'import() by the call · Vite', lazyModule),
  lazyScript('webpack', 'webpack', webpack()),
  lazyScript('rollup', 'Rollup', rollup()),
  lazyScript('esbuild', 'esbuild', esbuild('--splitting')),
  parcel('lazy-parcel', 'import() by the call · Parcel', lazyModule),
];

/** The slim entry point, and the module as a separate file. */
const byUrl = "new URL('stable-audio-client/core.wasm', import.meta.url)";
const slimScript = (name, title, tool, ...source) =>
  script(`slim-${name}`, `slim and core.wasm · ${title}`, { ...tool, code: slimModule(...source) });
const slim = [
  vitePages(
    'slim-vite',
    'slim and core.wasm?url · Vite',
    slimModule('core', "import core from 'stable-audio-client/core.wasm?url';\n"),
  ),
  slimScript('webpack', 'webpack', webpack(), byUrl),
  slimScript('rspack', 'Rspack', rspack(), byUrl),
  slimScript(
    'esbuild',
    'esbuild',
    esbuild('--loader:.wasm=file'),
    'new URL(core, import.meta.url)',
    "import core from 'stable-audio-client/core.wasm';\n",
  ),
  parcel(
    'slim-parcel',
    'slim and core.wasm · Parcel, which does not read `exports`',
    slimModule('core', "import core from 'url:stable-audio-client/dist/core.wasm';\n"),
  ),
];

export const bundlers = [
  vite(8, 'dev'),
  vite(8, 'build'),
  vite(7, 'dev'),
  vite(7, 'build'),
  script('webpack', 'webpack 5', webpack()),
  script('rspack', 'Rspack', rspack()),
  script('rollup', 'Rollup', rollup()),
  script('rolldown', 'rolldown', rolldown()),
  script('esbuild', 'esbuild', esbuild()),
  parcel('parcel', 'Parcel 2', pageModule()),
  script('mangled-esbuild', 'esbuild, properties with an underscore mangled', esbuild('--mangle-props=^_', '--minify')),
  script('mangled-terser', 'esbuild and terser, properties with an underscore mangled', mangledByTerser),
  ...lazy,
  ...slim,
];
