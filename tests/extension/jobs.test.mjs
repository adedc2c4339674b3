// Durable jobs in an extension: a panel stores, a background sends, and dies on the way.

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';

import { waitUntil } from '../support/wait-until.mjs';
import { openJobsExtension } from './jobs/open.mjs';

const engine = process.env.ENGINE ?? 'chromium';
/** The logs are looked at again and again until what they lack counts. */
const waits = { timeoutMs: 120_000, intervalMs: 500 };

describe(`jobs of an extension in ${engine}`, { timeout: 480_000 }, () => {
  let extension;
  afterEach(() => extension?.close());

  const inPage = (work, ...values) => extension.browser.inPage(work, ...values);
  const wake = () => inPage(() => (globalThis.browser ?? globalThis.chrome).runtime.sendMessage('run').catch(() => {}));
  const job = () =>
    inPage(() => {
      const [first] = globalThis.jobs.getSnapshot();
      return first && { phase: first.phase, ended: first.endedAt !== undefined, canRetry: first.canRetry };
    });
  const isPhase = (phase) =>
    waitUntil(async () => {
      if ((await job())?.phase === phase) return true;
      await wake();
      return false;
    }, waits);
  const add = () => inPage(() => void globalThis.jobs.add('rain'));

  async function assertSpent(test, { posts, charges }) {
    const { emulator } = extension;
    const spent = { posts: await emulator.posts(), charges: await emulator.charges() };
    test.diagnostic([engine, test.name, `${spent.posts} POSTs`, `${spent.charges} charged`].join(' | '));
    assert.deepEqual(spent, { posts, charges });
  }

  for (const recovery of ['logs', undefined]) {
    const outcome = recovery ? 'are found in the logs and complete' : 'are unknown, and not sent again';
    it(`whose background is killed while it submits ${outcome}, charged once`, async (test) => {
      extension = await openJobsExtension(engine, { recovery });
      const { emulator, browser } = extension;
      await emulator.plan({ submit: [{ delay_ms: 2000 }] });
      await add();
      await wake();
      await waitUntil(async () => (await emulator.ledger()).generations.length > 0, waits);
      await browser.kill();
      if (recovery) {
        await emulator.plan({ poll: [{ finish: true }] });
        await isPhase('completed');
      } else {
        await isPhase('unknown');
        assert.equal((await job()).canRetry, false);
      }
      await assertSpent(test, { posts: 1, charges: 1 });
    });
  }

  it('whose background is killed between two polls complete in its next life, charged once', async (test) => {
    extension = await openJobsExtension(engine, { recovery: 'logs' });
    const { emulator, browser } = extension;
    await add();
    await isPhase('queued');
    await browser.kill();
    await emulator.plan({ poll: [{ finish: true }] });
    await isPhase('completed');
    await assertSpent(test, { posts: 1, charges: 1 });
  });

  it('that the panel stops before the background sends them are not sent', async (test) => {
    extension = await openJobsExtension(engine, { recovery: 'logs' });
    await inPage(() => globalThis.jobs.stop(globalThis.jobs.add('rain').key));
    await waitUntil(async () => {
      await wake();
      return (await job())?.ended;
    }, waits);
    assert.deepEqual(await job(), { phase: 'stopped', ended: true, canRetry: true });
    await assertSpent(test, { posts: 0, charges: 0 });
  });
});
