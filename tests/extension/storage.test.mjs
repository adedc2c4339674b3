// Jobs in a real `storage.local`, which the panels and a background that is killed share: judged by the
// emulator's ledger.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { openExtension } from './open.mjs';

const engine = process.env.ENGINE ?? 'chromium';
const minuteMs = 60_000;
/** By then everything has been sent that was going to be sent. */
const settled = () => sleep(1500);
const hasNoQuota = engine === 'firefox' && 'Firefox sets no quota for it';

describe(`jobs in the extension's storage in ${engine}`, { timeout: 240_000 }, () => {
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

  const polls = async () =>
    (await emulator.ledger()).requests.filter(
      ({ method, path }) => method === 'GET' && path.startsWith('/v2/generate'),
    );
  /** Starts a short job, and leaves the panel. */
  const startJob = async () => {
    await browser.goTo('panel.html');
    await extension.generate({ prompt: 'Slow piano', secondsTotal: 1, steps: 1 });
    await extension.until('queued');
    await browser.goTo('options.html');
  };
  const phase = async () => (await extension.stored())[0]?.phase;
  const until = (wanted) => extension.waitFor(`the job is ${wanted}`, async () => (await phase()) === wanted);
  /** Half a minute passes at once, again and again. */
  const ringUntil = (what, look) =>
    extension.waitFor(what, async () => {
      await extension.ring();
      return look();
    });
  const isTold = async () => (await extension.notifications()).includes('storage');
  const assertChargedOnce = async () => {
    assert.equal(await extension.posts(), 1);
    assert.equal(await extension.charges(), 1);
    assert.equal((await extension.stored()).length, 1);
  };

  describe('a background that is killed', () => {
    it('a job that was stored, and not sent, before the background was killed is sent once by the next one', async () => {
      await emulator.plan({ submit: [{ finish: true }] });
      await browser.kill();
      await extension.leaveJob({ startedAt: Date.now() - minuteMs });
      await extension.ring();
      await until('completed');
      await assertChargedOnce();
    });

    it('a job that was stored, and not sent, for ten minutes fails, and can be tried again', async () => {
      await browser.kill();
      await extension.leaveJob({ startedAt: Date.now() - 11 * minuteMs });
      await browser.goTo('panel.html');
      await extension.runDue();
      await extension.until('failed');
      const [{ note, actions }] = await extension.cards();
      assert.match(note, /Nothing was spent/);
      assert.deepEqual(actions, ['retry', 'remove']);
      assert.equal(await extension.posts(), 0);
    });

    it('a background that was killed between the submit and the first poll goes on by its alarm', async () => {
      await startJob();
      await browser.kill();
      assert.deepEqual(await extension.alarms(), ['run-due']);
      await ringUntil('the job is completed', async () => (await phase()) === 'completed');
      assert.ok((await extension.restarts()) >= 1);
      await assertChargedOnce();
      await extension.waitFor('no alarm is left', async () => (await extension.alarms()).length === 0);
    });

    it('a background that was killed in the middle of a poll asks again by its alarm', async () => {
      await emulator.plan({ poll: [{ delay_ms: 60_000 }, { finish: true }] });
      await startJob();
      await ringUntil('a poll is under way', async () => (await polls()).length === 1);
      await browser.kill();
      await ringUntil('the job is completed', async () => (await phase()) === 'completed');
      assert.ok((await extension.restarts()) >= 1);
      await assertChargedOnce();
    });
  });

  describe('two panels', () => {
    let close;
    beforeEach(async () => {
      await browser.goTo('panel.html');
      close = await extension.openSecondPanel();
    });
    afterEach(() => close());

    it('two panels and the menu that generate at once send one request each, and both panels show all tracks', async () => {
      await emulator.plan({ submit: [{ delay_ms: 500, finish: true, times: 3 }] });
      await Promise.all([
        browser.select('From the menu'),
        extension.inPanels((panels) => {
          for (const [index, { document }] of panels.entries()) {
            document.querySelector('#prompt').value = `From panel ${index}`;
            document.querySelector('#form').requestSubmit();
          }
        }),
      ]);
      const shown = () =>
        extension.inPanels((panels) =>
          panels.map(({ document }) => document.querySelectorAll('[data-phase=completed]').length),
        );
      await extension.waitFor('both show three tracks', async () => String(await shown()) === '3,3');
      assert.equal(await extension.posts(), 3);
      assert.equal(await extension.charges(), 3);
    });

    it('two panels that try again at once submit once', async () => {
      await emulator.plan({ submit: [{ status: 401 }, { delay_ms: 500, finish: true }] });
      await extension.generate({ prompt: 'Slow piano' });
      await extension.until('failed');
      await settled();
      await extension.pressInPanels('retry');
      await extension.until('completed');
      await settled();
      assert.equal(await extension.posts(), 2);
      assert.equal(await extension.charges(), 1);
    });

    it('a panel shows what another one stops and removes', async () => {
      await extension.generate({ prompt: 'Slow piano' });
      await extension.until('queued');
      await extension.inPanels((panels) => panels[1].document.querySelector('[data-action=stop]').click());
      await extension.until('stopped');
      await settled();
      await extension.inPanels((panels) => panels[1].document.querySelector('[data-action=remove]').click());
      await extension.waitFor('the card is gone', async () => (await extension.cards()).length === 0);
      // The removal can be undone for a while.
      await extension.waitFor('the track is gone', async () => (await extension.stored()).length === 0);
      assert.equal(await extension.posts(), 1);
    });
  });

  describe('a storage that is full', { skip: hasNoQuota }, () => {
    it('a full storage is told in the panel, and what it cannot take is not sent', async () => {
      await browser.goTo('panel.html');
      await extension.fillStorage({ left: 100 });
      await extension.generate({ prompt: 'Slow piano' });
      const told = await extension.waitFor('it is told', () =>
        extension.inPage(() => document.querySelector('#storage-mistake:not([hidden])')?.textContent),
      );
      assert.match(told, /cannot store.*quota.*not sent/i);
      await settled();
      assert.deepEqual(await extension.cards(), []);
      assert.equal(await extension.posts(), 0);
    });

    it('a full storage is told by a notification, and takes tracks again once there is room', async () => {
      await emulator.plan({ submit: [{ finish: true }] });
      await extension.fillStorage({ left: 100 });
      await browser.select('Slow piano');
      await extension.waitFor('it is told', isTold);
      await settled();
      assert.equal(await extension.posts(), 0);
      await extension.emptyStorage();
      await browser.select('Fast piano');
      await until('completed');
      await assertChargedOnce();
    });

    it('nothing is sent where the storage cannot note that it may have left', async () => {
      await browser.kill();
      await extension.leaveJob({ startedAt: Date.now() });
      await extension.fillStorage({ left: 10 });
      await extension.runDue();
      await extension.waitFor('it is told', isTold);
      await settled();
      assert.equal(await extension.posts(), 0);
      await extension.emptyStorage();
      await browser.goTo('panel.html');
      await extension.runDue();
      await extension.until('stopped');
      assert.deepEqual((await extension.cards())[0].actions, ['retry', 'remove']);
      await emulator.plan({ submit: [{ finish: true }] });
      await settled();
      await extension.press('retry');
      await extension.until('completed');
      await assertChargedOnce();
    });
  });
});
