// Pages and workers without a bundler in three engines, under content security policies, and extensions.

import { cp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { background, pageHtml, pageModule, workerPages, workers } from './app.mjs';
import { openSite } from '../support/site.mjs';
import { waitUntil } from '../support/wait-until.mjs';

const entry = '/package/dist/index.js';
const main = pageHtml('<script type="module" src="/main.js"></script>');
const engines = { chromium: 'Chromium', firefox: 'Firefox', webkit: 'WebKit' };

const plain = (files, more) => (packed) => openSite({ folder: packed, prefix: '/package/', files, ...more });
const slim = `import { generateAudio, ready } from '/package/dist/slim.js';
ready(fetch('/package/dist/core.wasm')).catch(() => {});
${pageModule(entry).split('\n').slice(1).join('\n')}`;

/** A row for each engine: `open` serves a site whose page sets its title to the outcome. */
const inEachEngine = (name, title, open, expected) =>
  Object.entries(engines).map(([engine, engineTitle]) => ({
    name: `${name}-${engine}`,
    title: `${title} · ${engineTitle}`,
    engine,
    async run({ packed, inBrowser, emulator }) {
      const site = await open(packed, emulator);
      await inBrowser(engine, site.url, expected).finally(site.stop);
    },
  }));

/** A worker, as a module or bundled as a classic script. */
const worker = (kind, type) => async (packed) => {
  const source = workers[kind](type === 'module' ? entry : join(packed, 'dist', 'index.js'));
  const files = {
    '/index.html': main,
    '/main.js': workerPages[kind](type),
    '/worker.js': type === 'module' ? source : await classic(source),
  };
  return plain(files)(packed);
};

async function classic(contents) {
  const { build } = await import('esbuild');
  const stdin = { contents, resolveDir: tmpdir() };
  const { outputFiles } = await build({ stdin, bundle: true, format: 'iife', write: false, logLevel: 'error' });
  return outputFiles[0].text;
}

// The package is served from another origin than the page, as by a CDN.
async function otherOrigin(packed) {
  const cdn = await openSite({ folder: packed, prefix: '/package/', headers: { 'access-control-allow-origin': '*' } });
  const inline = `<script type="module">${pageModule(cdn.url + entry)}</script>`;
  const site = await openSite({ files: { '/index.html': pageHtml(inline) } });
  return { url: site.url, stop: () => Promise.all([site.stop(), cdn.stop()]) };
}

const policy = (script) => (packed, emulator) => {
  const csp = `default-src 'none'; script-src ${script}; connect-src ${emulator.url}`;
  const files = { '/index.html': main, '/main.js': pageModule(entry) };
  return plain(files, { headers: { 'content-security-policy': csp } })(packed);
};

const manifest = {
  manifest_version: 3,
  name: 'consumer',
  version: '1',
  host_permissions: ['http://127.0.0.1/*'],
  content_security_policy: { extension_pages: "script-src 'self' 'wasm-unsafe-eval'" },
};

/** Writes an extension whose background imports the package as a module. */
async function extension({ makeFolder, addFiles, packed, emulator }, own) {
  const folder = await makeFolder();
  const site = await openSite({});
  await cp(packed, join(folder, 'package'), { recursive: true });
  await addFiles(folder, {
    'manifest.json': JSON.stringify({ ...manifest, ...own }),
    'background.js': background(`.${entry}`, emulator.url, site.url),
  });
  const reported = () => waitUntil(() => site.reports[0], { timeoutMs: 30_000, intervalMs: 100 });
  return { folder, reported, stop: site.stop };
}

const mv3Chromium = {
  name: 'mv3-chromium',
  title: 'MV3 service worker · Chromium',
  engine: 'chromium',
  async run(context) {
    const { chromium } = await import('playwright-core');
    const own = { background: { service_worker: 'background.js', type: 'module' } };
    const { folder, reported, stop } = await extension(context, own);
    await context.assertGenerates(async () => {
      const browser = await chromium.launchPersistentContext(await context.makeFolder(), {
        executablePath: context.engines.chromium.binary,
        headless: true,
        chromiumSandbox: false,
        args: [
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
          '--no-first-run',
          `--disable-extensions-except=${folder}`,
          `--load-extension=${folder}`,
        ],
      });
      return reported().finally(() => browser.close());
    });
    await stop();
  },
};

const mv3Firefox = {
  name: 'mv3-firefox',
  title: 'MV3 event page · Firefox',
  engine: 'firefox',
  async run(context) {
    const own = {
      background: { scripts: ['background.js'], type: 'module' },
      browser_specific_settings: { gecko: { id: 'consumer@stable-audio.test' } },
    };
    const { folder, reported, stop } = await extension(context, own);
    const driver = await context.browser('firefox');
    await context.assertGenerates(async () => {
      const id = await driver.installAddon(await zipped(folder), true);
      return reported().finally(() => driver.uninstallAddon(id));
    });
    await stop();
  },
};

// The driver of Firefox takes an archive, not a folder.
async function zipped(folder) {
  const { zipSync } = await import('fflate');
  const { readdir, writeFile } = await import('node:fs/promises');
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((item) => item.isFile());
  const files = {};
  for (const { parentPath, path, name } of names) {
    const file = join(parentPath ?? path, name);
    files[file.slice(folder.length + 1).replaceAll('\\', '/')] = await readFile(file);
  }
  const archive = `${folder}.xpi`;
  await writeFile(archive, zipSync(files));
  return archive;
}

const page = { '/index.html': main, '/main.js': pageModule(entry) };

export const contexts = [
  ...inEachEngine('page', 'plain page', plain(page)),
  ...inEachEngine('other-origin', 'plain page, package from another origin', otherOrigin),
  ...inEachEngine('slim', 'plain page, slim and core.wasm', plain({ '/index.html': main, '/main.js': slim })),
  ...inEachEngine('dedicated', 'dedicated worker', worker('dedicated', 'module')),
  ...inEachEngine('shared', 'shared worker', worker('shared', 'module')),
  ...inEachEngine('service', 'service worker, a module', worker('service', 'module')),
  ...inEachEngine('service-classic', 'service worker, bundled', worker('service', 'classic')),
  ...inEachEngine('csp', "CSP with 'wasm-unsafe-eval'", policy("'self' 'wasm-unsafe-eval'")),
  ...inEachEngine('csp-without', 'CSP without it: a clear `unsupported`', policy("'self'"), {
    outcome: /^failed unsupported: .*'wasm-unsafe-eval'/,
    submits: 0,
  }),
  mv3Chromium,
  mv3Firefox,
];
