// `npm run build:extension`: the extension for Chromium and for Firefox, from one source, each as a
// folder and as a zip in `target/extension/`.

import { copyFile, cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { build } from './build.mjs';
import { main } from './main.mjs';
import { packageAliases } from './package-aliases.mjs';
import { root } from './paths.mjs';
import { setUpBuild } from './setup.mjs';

const www = join(root, 'www');
const source = join(www, 'extension');
const out = join(root, 'target', 'extension');

/** Of the demo's page, for the panel. */
const styles = ['style.css', 'composer.css', 'list.css', 'forced-colors.css'];

/** What the two browsers call differently. */
const differences = {
  chromium: (manifest) => ({
    ...manifest,
    minimum_chrome_version: '120',
    permissions: [...manifest.permissions, 'sidePanel'],
    background: { service_worker: 'background.js', type: 'module' },
    side_panel: { default_path: 'panel.html' },
  }),
  firefox: (manifest) => ({
    ...manifest,
    background: { scripts: ['background.js'], type: 'module' },
    sidebar_action: {
      default_title: manifest.name,
      default_panel: 'panel.html',
      default_icon: manifest.icons,
      open_at_install: false,
    },
    browser_specific_settings: {
      gecko: {
        id: 'stable-audio-client@aimlapi.example',
        strict_min_version: '142.0',
        // The selection and the prompt go to the service.
        data_collection_permissions: { required: ['websiteContent'] },
      },
    },
  }),
};

/** Where a browser's extension is built: its folder. */
export function extension(name) {
  return join(out, name);
}

/** Builds both from the package in `dist/`; `change` may alter each manifest. */
export async function buildExtension({ change = (manifest) => manifest, folder = extension } = {}) {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const common = { version, ...JSON.parse(await readFile(join(source, 'manifest.json'), 'utf8')) };
  const zips = [];
  for (const [name, differ] of Object.entries(differences)) {
    const target = folder(name);
    await rm(target, { recursive: true, force: true });
    await mkdir(target, { recursive: true });
    await bundle(name, target);
    await cp(join(source, 'icons'), join(target, 'icons'), { recursive: true });
    for (const file of styles) await copyFile(join(www, file), join(target, file));
    for (const file of ['panel.css', 'options.html']) await copyFile(join(source, file), join(target, file));
    await writeFile(join(target, 'panel.html'), await panel());
    const manifest = change(differ(common));
    await writeFile(join(target, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    zips.push(await zip(target, `${target}-${version}.zip`));
  }
  return zips;
}

async function bundle(name, outdir) {
  const esbuild = await import('esbuild');
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['background', 'panel', 'options'].map((name) => join(source, `${name}.js`)),
    outdir,
    alias: {
      ...packageAliases,
      'side-panel': join(source, `side-panel.${name}.js`),
    },
    bundle: true,
    // All three share one file with the package.
    splitting: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'warning',
  });
}

/** The panel, with the demo page's form, card and question before its history is cleared. */
async function panel() {
  const page = await readFile(join(www, 'index.html'), 'utf8');
  const parts = {
    form: /<form id="form"[\s\S]*?<\/form>/,
    clearing: /<dialog id="clearing"[\s\S]*?<\/dialog>/,
    card: /<template id="card">[\s\S]*?<\/template>/,
  };
  const text = await readFile(join(source, 'panel.html'), 'utf8');
  return text.replace(/<!-- (\w+) -->/g, (_, name) => parts[name].exec(page)[0]);
}

/** Packs a folder into a zip, the same for the same files. */
export async function zip(folder, file) {
  const { zipSync } = await import('fflate');
  const files = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // The same files give the same zip, whenever it is made.
    const content = [new Uint8Array(await readFile(path)), { mtime: new Date('2000-01-01T00:00:00') }];
    files[relative(folder, path).replaceAll('\\', '/')] = content;
  }
  await writeFile(file, zipSync(files, { level: 9 }));
  return file;
}

await main(import.meta.url, async () => {
  await build(await setUpBuild());
  for (const file of await buildExtension()) console.log(`✓ ${relative(root, file)}`);
});
