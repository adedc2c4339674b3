// Runs the README's snippets for pages as they are, with requests to the service redirected to the emulator,
// and `/api` served by the server half. The snippet for an extension is run in `tests/extension`, the one for
// a server in `tests/server`.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { toNodeHandler } from 'srvx/node';
import { createHandler } from 'stable-audio-client/server';

import { demoKey } from '../../tools/emulator.mjs';
import { engine, openHarness } from './harness.mjs';
import { snippets } from '../support/readme.mjs';

// The key that stands for the reader's own.
const scripts = snippets('js').map((code) => code.replace('YOUR_API_KEY', demoKey));
const pages = snippets('html');

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
  });

  /** Runs a snippet in a page that was just opened; resolves to what it logged. */
  async function run(code) {
    const { page, site, emulator } = harness;
    site.add('/snippet.js', code);
    return page.run(async (base) => {
      const said = [];
      const real = window.fetch.bind(window);
      window.fetch = (url, init) => real(String(url).replace('https://api.aimlapi.com', base), init);
      console.log = (...words) => said.push(words.join(' '));
      await import('/snippet.js');
      return said;
    }, emulator.url);
  }

  for (const [index, code] of scripts.entries()) {
    it(`snippet ${index + 1} of the README runs without an error, charged once`, async () => {
      const { emulator } = harness;
      await emulator.plan({ poll: [{ finish: true }] });
      const said = await run(code);
      assert.deepEqual(
        said.filter((line) => line !== 'completed' && !line.includes('.wav')),
        [],
      );
      const { generations } = await emulator.ledger();
      assert.deepEqual(
        generations.map(({ status, charged }) => ({ status, paid: charged > 0 })),
        [{ status: 'completed', paid: true }],
      );
    });
  }

  /** Loads the snippet that stores its generation twice; resolves to the statuses of the generations. */
  async function loadedTwice(plan) {
    const { emulator, page } = harness;
    const [code, ...others] = scripts.filter((one) => one.includes('localStorage'));
    assert.equal(others.length, 0);
    await emulator.plan(plan);
    const first = await run(code);
    await page.open();
    const second = await run(code);
    assert.deepEqual(
      [first, second].map((said) => /\.wav/.test(said.at(-1))),
      [false, true],
    );
    return (await emulator.ledger()).generations.map(({ status }) => status);
  }

  it('the README’s snippet that stores its generation makes a new one at the next load, after a failure', async () => {
    const generations = await loadedTwice({ poll: [{ fail: 'message' }, { finish: true }] });
    assert.deepEqual(generations, ['error', 'completed']);
  });

  it('the README’s snippet that stores its generation resumes it at the next load, after a 401', async () => {
    assert.deepEqual(await loadedTwice({ poll: [{ status: 401 }, { finish: true }] }), ['completed']);
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
