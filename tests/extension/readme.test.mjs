// The README's background, which is the recipe `www/examples/jobs/background.ts`, is run as it stands,
// bundled, in an extension of its own.

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

  /** Lets the background die, and time pass at once until its next alarm, when the job is due. */
  async function dieAndRing() {
    await browser.kill();
    await browser.inPage(async () => {
      const [[key, record]] = Object.entries(await chrome.storage.local.get(null));
      record.generation.nextCheckAt = Date.now();
      await chrome.storage.local.set({ [key]: record });
      await chrome.alarms.create('jobs', { when: Date.now(), periodInMinutes: 0.5 });
    });
  }

  it('goes on by alarms after the deaths of its background: one submit, one charge', async () => {
    await emulator.plan({ poll: [{ status: 500 }, { finish: true }] });
    await browser.goTo('page.html');
    await browser.inPage((key) => chrome.storage.session.set({ key }), demoKey);
    await browser.inPage(() => void chrome.runtime.sendMessage({ prompt: 'rain on a tin roof' }));
    await waitFor('its id is stored', async () => (await stored())?.generation);
    assert.deepEqual(await alarms(), ['jobs']);

    await dieAndRing();
    await waitFor('it has met a fault', async () => (await stored()).generation.polling.errors === 1);
    assert.deepEqual(await alarms(), ['jobs']);
    await dieAndRing();
    await waitFor('it is completed', async () => (await stored()).phase === 'completed');
    assert.match((await stored()).generation.audio.url, /\.wav$/);
    await waitFor('no alarm is left', async () => (await alarms()).length === 0);
    const { requests, generations } = await emulator.ledger();
    assert.equal(requests.filter(({ method }) => method === 'POST').length, 1);
    assert.deepEqual(
      generations.map(({ charged }) => charged > 0),
      [true],
    );
  });

  it('keeps the id of a track whose key has gone with the browser', async () => {
    await emulator.reset();
    await browser.goTo('page.html');
    await browser.inPage(() => chrome.storage.local.clear());
    await browser.kill();
    await browser.inPage(() => void chrome.runtime.sendMessage({ prompt: 'rain on a tin roof' }));
    await waitFor('its id is stored', async () => (await stored())?.generation);
    await browser.inPage(() => chrome.storage.session.clear());
    await dieAndRing();
    await waitFor('it has failed', async () => (await stored()).phase === 'failed');
    const { error, generation } = await stored();
    assert.equal(error.code, 'credentials_failed');
    assert.equal(generation.status === 'queued' || generation.status === 'generating', true);
    await waitFor('no alarm is left', async () => (await alarms()).length === 0);
  });
});

async function writeExtension(folder, service) {
  const [code, ...others] = snippets('ts background');
  assert.equal(others.length, 0);
  await mkdir(folder, { recursive: true });
  await build({
    stdin: { contents: code.replace('new StableAudio({', `$& baseUrl: '${service}',`), loader: 'ts', resolveDir: root },
    alias: {
      'stable-audio-client': join(root, 'dist', 'index.js'),
      'stable-audio-client/jobs': join(root, 'dist', 'jobs.js'),
    },
    bundle: true,
    format: 'esm',
    outfile: join(folder, 'background.js'),
    logLevel: 'warning',
  });
  await writeFile(join(folder, 'page.html'), '<!doctype html><title>page</title>');
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, ...backgrounds[engine] }));
  await zip(folder, `${folder}-1.zip`);
}
