// An extension of a background and a panel, with the package in it as it is built, in a browser.

import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { zip } from '../../../tools/build-extension.mjs';
import { demoKey } from '../../../tools/emulator.mjs';
import { root } from '../../../tools/paths.mjs';
import { engines } from '../../../tools/setup/browsers.mjs';
import { openEmulator } from '../../support/emulator.mjs';
import { openResources } from '../../support/open-resources.mjs';
import { manifestEntry } from '../../support/readme.mjs';
import { openChromium } from '../open/chromium.mjs';
import { openFirefox } from '../open/firefox.mjs';

const source = fileURLToPath(new URL('.', import.meta.url));
const files = ['background.js', 'panel.js', 'panel.html'];
const openers = { chromium: openChromium, firefox: openFirefox };
const backgrounds = {
  chromium: { service_worker: 'background.js', type: 'module' },
  firefox: { scripts: ['background.js'], type: 'module' },
};

/** Opens everything; close it in the end. */
export function openJobsExtension(engine, { recovery }) {
  return openResources(async (onClose) => {
    const emulator = await openEmulator({ speed: 1 });
    onClose(emulator.stop);
    const folder = await mkdtemp(join(tmpdir(), 'stable-audio-jobs-'));
    onClose(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    await write(join(folder, engine), engine, { apiKey: demoKey, baseUrl: emulator.url, recovery });
    if (engine === 'firefox') await zip(join(folder, engine), join(folder, 'firefox-jobs.zip'));
    const browser = await openers[engine](engines()[engine], folder);
    onClose(browser.close);
    await browser.goTo('panel.html');
    return { emulator, browser };
  });
}

async function write(folder, engine, clientOptions) {
  await mkdir(join(folder, 'package'), { recursive: true });
  for (const name of files) await cp(join(source, name), join(folder, name));
  for (const name of ['index.js', 'jobs.js']) await cp(join(root, 'dist', name), join(folder, 'package', name));
  await writeFile(join(folder, 'settings.js'), `export const clientOptions = ${JSON.stringify(clientOptions)};\n`);
  const manifest = {
    manifest_version: 3,
    name: 'jobs',
    version: '1.0',
    permissions: ['alarms', 'storage'],
    host_permissions: ['http://127.0.0.1/*'],
    background: backgrounds[engine],
    browser_specific_settings: { gecko: { id: 'jobs@test.example', strict_min_version: '121.0' } },
    ...manifestEntry(),
  };
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
}
