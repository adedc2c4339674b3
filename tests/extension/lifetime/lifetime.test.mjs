// The background dies by itself, as browsers let it, five times and more in one job; nothing is
// attached that would keep it alive. Minutes long, so not among the everyday tests:
// `npm run test:extension-lifetime`. `ENGINE` is chromium or firefox.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { openExtension } from '../open.mjs';

const engine = process.env.ENGINE ?? 'chromium';
/** So slow that the job takes some minutes. */
const speed = 0.14;
/** Longer than an idle background lives: each check is for the next life. */
const pauses = { poll: [{ status: 429, retry_after: 40, times: 7 }] };
const limitMs = 12 * 60_000;

describe(`the extension's background in ${engine}`, { timeout: 15 * 60_000 }, () => {
  it('dies by itself five times in a job, which completes once and is charged once', async (test) => {
    const extension = await openExtension(engine, { speed });
    const { emulator, browser } = extension;
    try {
      await emulator.plan(pauses);
      await extension.start({ keep: true });
      await browser.goTo('panel.html');
      await extension.generate({ prompt: 'Slow piano', secondsTotal: 2, steps: 100 });
      await extension.waitFor('it is on its way', async () => (await extension.posts()) > 0);
      await browser.detach();

      // From here on nothing but the emulator is looked at.
      const begun = Date.now();
      let ledger;
      do {
        assert.ok(Date.now() - begun < limitMs, 'it completes in time');
        await sleep(5000);
        ledger = await emulator.ledger();
      } while (!seenCompleted(ledger));
      const elapsed = Math.round((Date.now() - begun) / 1000);
      // The last reply is stored before somebody looks.
      await sleep(3000);

      await browser.attach();
      await browser.goTo('options.html');
      const [{ phase, generation, error }] = await extension.stored();
      const restarts = await extension.restarts();
      const posts = ledger.requests.filter(({ method }) => method === 'POST');
      const polls = ledger.requests.filter(({ method, path }) => method === 'GET' && isPoll({ path }));
      test.diagnostic(`${elapsed} s, ${restarts} restarts of the background, ${polls.length} checks`);
      test.diagnostic(`checks at ${polls.map(({ at }) => `${Math.round(at / 1000)} s`).join(', ')} of its life`);
      test.diagnostic(`charged: ${ledger.generations.map(({ charged }) => charged).join(', ')} credits`);
      assert.equal(error, undefined);
      assert.equal(phase, 'completed');
      assert.equal(generation.status, 'completed');
      assert.ok(restarts >= 5, `${restarts} restarts`);
      assert.equal(posts.length, 1);
      assert.deepEqual(
        ledger.generations.map(({ charged }) => charged),
        [25_200],
      );
    } finally {
      await extension.close();
    }
  });
});

function isPoll({ path }) {
  return path.startsWith('/v2/');
}

function seenCompleted({ generations, requests, now }) {
  const [generation] = generations;
  if (!generation || now < generation.ends_at) return false;
  return requests.some(({ method, at }) => method === 'GET' && at >= generation.ends_at);
}
