// The README's snippets for pages are run as they stand, the service's address leading to the
// emulator; the one for an extension is run in `tests/extension`.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { engine, openHarness } from './harness.mjs';
import { snippets } from './harness/readme.mjs';

const scripts = snippets('js');
const pages = snippets('html');

describe(`the README in ${engine}`, { timeout: 120_000 }, () => {
  let harness;
  before(async () => (harness = await openHarness()));
  after(() => harness?.close());
  beforeEach(async () => {
    await harness.emulator.reset();
    await harness.page.open();
  });

  for (const [index, code] of scripts.entries()) {
    it(`runs its snippet ${index + 1}: one charge, no error`, async () => {
      const { page, site, emulator } = harness;
      await emulator.plan({ poll: [{ finish: true }] });
      site.add(`/snippet-${index}.js`, code);
      const said = await page.run(
        async (path, base) => {
          const said = [];
          window.apiKey = 'demo-key';
          const real = window.fetch.bind(window);
          window.fetch = (url, init) => real(String(url).replace('https://api.aimlapi.com', base), init);
          console.log = (...words) => said.push(words.join(' '));
          await import(path);
          return said;
        },
        `/snippet-${index}.js`,
        emulator.url,
      );
      assert.deepEqual(
        said.filter((line) => line !== 'completed' && !line.includes('.wav')),
        [],
      );
      const { jobs } = await emulator.ledger();
      assert.deepEqual(
        jobs.map(({ status, charged }) => ({ status, paid: charged > 0 })),
        [{ status: 'completed', paid: true }],
      );
    });
  }

  for (const [index, html] of pages.entries()) {
    it(`runs its page ${index + 1}, with a proxy that adds the key`, async () => {
      const { page, driver, site, emulator } = harness;
      await emulator.plan({ poll: [{ finish: true }] });
      site.add('/api/v2/generate/audio', (request, response) => addKey(request, response, emulator.url));
      site.add(`/page-${index}`, html.replace(/https:\/\/cdn\.[^']*client/, '/package'));
      await driver.get(`${site.url}/page-${index}`);
      await driver.wait(() => driver.executeScript("return document.querySelector('audio').src !== ''"), 20_000);
      assert.match(await driver.executeScript("return document.querySelector('audio').src"), /\.wav$/);
      await page.open();
    });
  }
});

async function addKey(request, response, base) {
  const chunks = await request.toArray();
  const headers = { authorization: 'Bearer demo-key', 'content-type': 'application/json' };
  const body = request.method === 'POST' ? Buffer.concat(chunks) : undefined;
  const reply = await fetch(base + request.url.slice('/api'.length), { method: request.method, headers, body });
  response.writeHead(reply.status, { 'content-type': 'application/json' });
  response.end(await reply.text());
}
