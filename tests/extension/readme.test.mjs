// The README's background is run as it stands, bundled, in an extension of its own.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { build } from 'esbuild';

import { zip } from '../../tools/build-extension.mjs';
import { demoKey } from '../../tools/emulator.mjs';
import { root } from '../../tools/paths.mjs';
import { engines } from '../../tools/setup/browsers.mjs';
import { openEmulator } from '../support/emulator.mjs';
import { manifestEntry, snippets } from '../support/readme.mjs';
import { waitFor } from './open.mjs';
import { openChromium } from './open/chromium.mjs';
import { openFirefox } from './open/firefox.mjs';

const engine = process.env.ENGINE ?? 'chromium';
const open = { chromium: openChromium, firefox: openFirefox }[engine];
const manifest = {
  manifest_version: 3,
  name: 'the README',
  version: '1',
  permissions: ['alarms', 'storage'],
  host_permissions: ['http://127.0.0.1/*'],
  ...manifestEntry(),
};
const backgrounds = {
  chromium: { background: { service_worker: 'background.js', type: 'module' } },
  firefox: {
    background: { scripts: ['background.js'], type: 'module' },
    browser_specific_settings: { gecko: { id: 'readme@stable-audio.test' } },
  },
};

describe(`the README's extension in ${engine}`, { timeout: 120_000 }, () => {
  let folder, emulator, browser;
  before(async () => {
    emulator = await openEmulator();
    folder = await mkdtemp(join(tmpdir(), 'stable-audio-readme-'));
    await writeExtension(join(folder, engine), emulator.url);
    browser = await open(engines()[engine], folder);
  });
  after(async () => {
    await browser?.close();
    await emulator?.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const stored = () => browser.inPage(async () => Object.values(await chrome.storage.local.get(null))[0]);
  const alarms = () => browser.inPage(async () => (await chrome.alarms.getAll()).map(({ name }) => name));
  // Half a minute passes at once; the alarm stands until it is cleared.
  const ring = (id) =>
    browser.inPage((name) => chrome.alarms.create(name, { when: Date.now(), periodInMinutes: 0.5 }), id);

  it('goes on by alarms after the death of its background: one charge', async () => {
    await emulator.plan({ poll: [{ status: 500 }, { finish: true }] });
    await browser.goTo('page.html');
    await browser.inPage((key) => chrome.storage.session.set({ key }), demoKey);
    await browser.inPage(() => void chrome.runtime.sendMessage({ prompt: 'rain on a tin roof' }));
    await waitFor('it is stored, and an alarm stands', async () => (await alarms()).length === 1);
    const { id } = await stored();
    assert.deepEqual(await alarms(), [id]);

    await browser.kill();
    await ring(id);
    await waitFor('it has met a fault', async () => (await stored()).polling.errors === 1);
    await ring(id);
    await waitFor('it is completed', async () => (await stored()).status === 'completed');
    assert.match((await stored()).audio.url, /\.wav$/);
    await waitFor('no alarm is left', async () => (await alarms()).length === 0);
    const { generations } = await emulator.ledger();
    assert.deepEqual(
      generations.map(({ charged }) => charged > 0),
      [true],
    );
  });
});

async function writeExtension(folder, service) {
  const [code, ...others] = snippets('ts background');
  assert.equal(others.length, 0);
  await mkdir(folder, { recursive: true });
  await build({
    stdin: { contents: code.replace('new StableAudio({', `$& baseUrl: '${service}',`), loader: 'ts', resolveDir: root },
    alias: { 'stable-audio-client': join(root, 'dist', 'index.js') },
    bundle: true,
    format: 'esm',
    outfile: join(folder, 'background.js'),
    logLevel: 'warning',
  });
  await writeFile(join(folder, 'page.html'), '<!doctype html><title>page</title>');
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, ...backgrounds[engine] }));
  await zip(folder, `${folder}-1.zip`);
}
