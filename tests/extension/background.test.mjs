// What the background does with a job, whenever it is killed: judged by the emulator's ledger.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { openExtension } from './open.mjs';

const engine = process.env.ENGINE ?? 'chromium';
const minuteMs = 60_000;

describe(`the extension's background in ${engine}`, { timeout: 240_000 }, () => {
  let extension, emulator, browser;
  before(async () => {
    extension = await openExtension(engine, { speed: 10 });
    ({ emulator, browser } = extension);
  });
  after(() => extension?.close());
  beforeEach(async () => {
    await emulator.reset();
    await extension.start();
  });

  const requests = async () => (await emulator.ledger()).requests;
  const asked = () => extension.waitFor('the request is on its way', async () => (await extension.posts()) > 0);
  const looks = async () => (await requests()).filter(({ path }) => path === '/v2/logs').length;
  const generation = async () => (await extension.stored())[0]?.generation;

  /** Leaves a job whose submit was under way so many milliseconds ago, and starts a background. */
  const leaveSubmit = async (ago) => {
    await browser.goTo('panel.html');
    const startedAt = Date.now() - ago;
    await extension.leaveJob({ startedAt, sentAt: startedAt });
    await extension.runDue();
  };
  const assertUnknown = async (offered) => {
    await extension.until('unknown');
    const [{ note, actions }] = await extension.cards();
    assert.match(note, /The browser stopped the extension before .* may have been billed/);
    assert.deepEqual(actions, offered);
    assert.equal(await extension.posts(), 0);
  };
  /** One submit, one charge, and the very generation that was charged. */
  const assertChargedOnce = async () => {
    const { generations } = await emulator.ledger();
    assert.deepEqual(
      [(await generation()).id],
      generations.map(({ id }) => id),
    );
    assert.equal(await extension.posts(), 1);
    assert.equal(await extension.charges(), 1);
  };

  it('submits a job once, however often it is told to', async () => {
    await emulator.plan({ submit: [{ delay_ms: 500, finish: true }] });
    await browser.goTo('panel.html');
    await extension.generate({ prompt: 'Slow piano', secondsTotal: 1 });
    await extension.until('submitting');
    await Promise.all([1, 2, 3].map(() => extension.runDue()));
    await extension.until('completed');
    await extension.runDue();
    await assertChargedOnce();
  });

  it('shows as unknown, and never repeats, an earlier submit that is not in the logs after ten minutes', async () => {
    await leaveSubmit(11 * minuteMs);
    await assertUnknown(['resume', 'remove']);
    await extension.press('resume');
    await extension.until('submitting');
    await extension.runDue();
    assert.equal(await extension.posts(), 0);
  });

  it('shows as unknown, and never repeats, an earlier submit whose key may not read the logs', async () => {
    await emulator.plan({ logs: [{ status: 403 }] });
    await leaveSubmit(0);
    await assertUnknown(['remove']);
  });

  it('looks again for an earlier submit that is not in the logs yet', async () => {
    await emulator.reset({ logs_lag_ms: 5000 });
    await emulator.plan({ submit: [{ delay_ms: 5000, finish: true }] });
    await browser.select('Slow piano');
    await asked();
    await browser.kill();
    await browser.goTo('panel.html');
    await extension.waitFor('it has looked', async () => (await looks()) === 1);
    await extension.until('submitting');
    await extension.waitFor('it is found', async () => {
      await extension.runDue();
      return generation();
    });
    assert.equal(await looks(), 2);
    await assertChargedOnce();
  });

  it('is killed in the middle of a submit, and finds its track by its key: charged once', async () => {
    await emulator.plan({ submit: [{ delay_ms: 5000, finish: true }] });
    await browser.select('Slow piano');
    await asked();
    await browser.kill();
    await browser.goTo('panel.html');
    await extension.until('completed');
    const [{ key }] = await extension.stored();
    const posts = (await requests()).filter(({ method }) => method === 'POST');
    assert.deepEqual(
      posts.map((request) => request.client_request_id),
      [key],
    );
    assert.ok((await extension.restarts()) >= 1);
    await assertChargedOnce();
  });

  it('recovers a track whose answer was lost: charged once', async () => {
    await emulator.plan({ submit: [{ status: 500, after_accept: true, finish: true }] });
    await browser.select('Slow piano');
    await extension.waitFor('it is found', generation);
    await assertChargedOnce();
  });
});
