// Runs the README's snippets for pages as they are, with requests to the service redirected to the emulator,
// and `/api` served by the server half. The snippet for an extension is run in `tests/extension`, the one for
// a server in `tests/server`.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { toNodeHandler } from 'srvx/node';
import { createHandler } from 'stable-audio-client/server';

import { demoKey } from '../../tools/emulator.mjs';
import { snippets } from '../support/readme.mjs';
import { waitUntil } from '../support/wait-until.mjs';
import { engine, openHarness } from './harness.mjs';

// The key that stands for the reader's own.
const scripts = snippets('js').map((code) => code.replace('YOUR_API_KEY', demoKey));
const pages = snippets('html');
const phases = new Set(['submitting', 'queued', 'generating', 'completed']);

describe(`the README in ${engine}`, { timeout: 180_000 }, () => {
  let harness;
  before(async () => {
    harness = await openHarness();
    const { emulator, site } = harness;
    const handler = createHandler({ apiKey: demoKey, authorize: () => 'ada', baseUrl: emulator.url });
    site.add('/api/v2/generate/audio', toNodeHandler(handler));
  });
  after(() => harness?.close());
  beforeEach(async () => {
    await harness.emulator.reset();
    await harness.page.open();
    await harness.page.run(() => localStorage.clear());
  });

  /** Begins to run a snippet in a page that was just opened. */
  async function begin(code) {
    const { page, site, emulator } = harness;
    site.add('/snippet.js', code);
    await page.run(async (base) => {
      window.said = [];
      const real = window.fetch.bind(window);
      window.fetch = (url, init) => real(String(url).replace('https://api.aimlapi.com', base), init);
      console.log = (...words) => window.said.push(words.join(' ').trim());
      window.ended = import('/snippet.js');
    }, emulator.url);
  }

  /** Runs a snippet to its end; resolves to what it logged. */
  async function run(code) {
    await begin(code);
    return harness.page.run(() => window.ended.then(() => window.said));
  }

  for (const [index, code] of scripts.entries()) {
    it(`snippet ${index + 1} of the README runs without an error, charged once`, async () => {
      const { emulator } = harness;
      await emulator.plan({ poll: [{ finish: true }] });
      const said = await run(code);
      assert.deepEqual(
        said.filter((line) => !line.includes('.wav') && !phases.has(line)),
        [],
      );
      const { generations } = await emulator.ledger();
      assert.deepEqual(
        generations.map(({ status, charged }) => ({ status, paid: charged > 0 })),
        [{ status: 'completed', paid: true }],
      );
    });
  }

  it('the README’s snippet for jobs resumes the job of the page before, each charged once', async () => {
    const { emulator, page } = harness;
    const [code, ...others] = scripts.filter((one) => one.includes('openJobs'));
    assert.equal(others.length, 0);
    await begin(code);
    await emulator.ledgerWhen(({ generations }) => generations.length > 0);
    await page.open();
    assert.match((await run(code)).at(-1), /\.wav/);
    const stored = () => page.run(() => Object.values(localStorage).map((item) => JSON.parse(item).phase));
    const areCompleted = async () => (await stored()).every((phase) => phase === 'completed');
    await waitUntil(areCompleted, { timeoutMs: 30_000, intervalMs: 100 });
    assert.deepEqual(await stored(), ['completed', 'completed']);
    const { generations, requests } = await emulator.ledger();
    assert.equal(requests.filter(({ method }) => method === 'POST').length, 2);
    assert.deepEqual(
      generations.map(({ status }) => status),
      ['completed', 'completed'],
    );
  });

  for (const [index, html] of pages.entries()) {
    it(`page ${index + 1} of the README runs with the server half behind it`, async () => {
      const { page, driver, site, emulator } = harness;
      await emulator.plan({ poll: [{ finish: true }] });
      site.add(`/page-${index}`, html.replace(/https:\/\/cdn\.[^']*client/, '/package'));
      await driver.get(`${site.url}/page-${index}`);
      await driver.wait(() => driver.executeScript("return document.querySelector('audio').src !== ''"), 20_000);
      assert.match(await driver.executeScript("return document.querySelector('audio').src"), /\.wav$/);
      await page.open();
    });
  }
});
