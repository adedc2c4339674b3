// Durable jobs in real tabs: who follows, what a crash leaves, what a storage may do. Judged by the emulator's
// ledger: how often was submitted, and what was charged.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { engine } from './harness.mjs';
import { openTabs } from './jobs/open.mjs';
import { faults } from './recovery/faulty-proxy.mjs';

const prefix = 'stable-audio-jobs/';
/** How a tab ends. */
const ends = {
  'is loaded again': (tab) => tab.load(),
  closes: (tab) => tab.close(),
  ...(engine === 'chromium' && { crashes: (tab) => tab.crash() }),
};

for (const entry of ['stable-audio-client', 'stable-audio-client/slim']) {
  describe(`jobs of ${entry} in ${engine}`, { timeout: 400_000 }, () => {
    let tabs, emulator, proxy;
    before(async () => {
      tabs = await openTabs();
      ({ emulator, proxy } = tabs);
    });
    after(() => tabs?.close());
    beforeEach(() => tabs.reset());

    const open = (count, options) => tabs.open(count, { entry, recovery: 'server', ...options });
    const finish = () => emulator.plan({ poll: [{ finish: true }] });
    const accepted = () =>
      tabs.until('the service has accepted it', async () => (await emulator.ledger()).generations.length > 0);

    /** What it took: a row of the table. */
    async function assertSpent(test, { posts, charges }) {
      const spent = await tabs.spent();
      test.diagnostic([engine, entry, test.name, `${spent.posts} POSTs`, `${spent.charges} charged`].join(' | '));
      assert.deepEqual({ posts: spent.posts, charges: spent.charges }, { posts, charges });
    }

    it('are followed by one of two tabs and shown by both, charged once', async (test) => {
      const [one, two] = await open(2);
      const key = await one.add();
      await two.phase('queued');
      const locks = await two.run(async () => {
        const { held, pending } = await navigator.locks.query();
        return [held, pending].map((all) => all.map(({ name }) => name));
      });
      assert.deepEqual(locks, [[prefix + key], [prefix + key]]);
      const { polls } = await tabs.spent();
      await new Promise((resolve) => setTimeout(resolve, 3000));
      const more = (await tabs.spent()).polls - polls;
      assert.ok(more >= 1 && more <= 4, `${more} polls in 3 s, one a second`);
      await finish();
      await two.phase('completed');
      await one.phase('completed');
      assert.deepEqual((await one.shown()).jobs, (await two.shown()).jobs);
      await assertSpent(test, { posts: 1, charges: 1 });
    });

    for (const way of Object.keys(ends)) {
      it(`are taken over when the tab that follows ${way}, charged once`, async (test) => {
        const [first, second] = await open(2);
        await second.add();
        await first.phase('queued');
        const [heir, follower] = await tabs.followerLast([first, second]);
        await ends[way](follower);
        const { polls } = await tabs.spent();
        await tabs.until('the other tab asks', async () => (await tabs.spent()).polls > polls + 1);
        await finish();
        await heir.phase('completed');
        await assertSpent(test, { posts: 1, charges: 1 });
      });
    }

    for (const recovery of ['server', undefined]) {
      const means = recovery ? 'with recovery' : 'without recovery';
      const outcome = recovery ? 'go on' : 'are unknown';
      for (const way of Object.keys(ends)) {
        it(`whose tab ${way} while they are submitted ${outcome}, charged once, ${means}`, async (test) => {
          const [first, second] = await open(2, { recovery });
          await emulator.plan({ submit: [{ delay_ms: 2000 }] });
          await second.add();
          await accepted();
          const [other, sender] = await tabs.followerLast([first, second]);
          await ends[way](sender);
          await assertOutcome(other, recovery);
          await assertSpent(test, { posts: 1, charges: 1 });
        });
      }

      it(`whose tab is loaded again before the service has them are charged at most once, ${means}`, async (test) => {
        const [tab] = await open(1, { recovery });
        proxy.next = faults.silentBefore;
        await tab.add();
        await tabs.until('it is on its way', () => proxy.posts === 1);
        await tab.load();
        await assertOutcome(tab, recovery);
        await assertSpent(test, recovery ? { posts: 1, charges: 1 } : { posts: 0, charges: 0 });
      });

      it(`without locks are sent by their own tab alone, also if the other is loaded meanwhile, ${means}`, async (test) => {
        const [one, two] = await open(2, { recovery, locks: false });
        assert.equal(await one.run(() => typeof navigator.locks), 'undefined');
        await emulator.plan({ submit: [{ delay_ms: 2000 }] });
        await one.add();
        await accepted();
        await two.load();
        await one.phase('queued');
        await two.phase('queued');
        await emulator.plan({ poll: [{ finish: true, times: 2 }] });
        await one.phase('completed');
        await two.phase('completed');
        await assertSpent(test, { posts: 1, charges: 1 });
      });

      it(`without locks that were refused are sent again by the tab that is asked to, ${means}`, async (test) => {
        const [one, two] = await open(2, { recovery, locks: false });
        await emulator.plan({ submit: [{ status: 401 }] });
        const key = await one.add();
        await two.phase('failed');
        await two.call('retry', key);
        await one.phase('queued');
        await emulator.plan({ poll: [{ finish: true, times: 2 }] });
        await one.phase('completed');
        await assertSpent(test, { posts: 2, charges: 1 });
      });
    }

    async function assertOutcome(tab, recovery) {
      if (recovery) {
        await tab.phase('queued');
        await finish();
        await tab.phase('completed');
        return;
      }
      const { key, canRetry, canResume } = await tab.phase('unknown');
      assert.deepEqual([canRetry, canResume], [false, false]);
      await tab.call('retry', key);
      await tab.call('resume', key);
      assert.equal((await tab.shown()).jobs[0].phase, 'unknown');
    }

    for (const who of ['their own tab', 'another tab']) {
      it(`that ${who} stops while they are submitted keep their id`, async (test) => {
        const [one, two] = await open(2);
        await emulator.plan({ submit: [{ delay_ms: 1500 }] });
        const key = await one.add();
        await accepted();
        await two.phase('submitting');
        await (who === 'their own tab' ? one : two).call('stop', key);
        await one.phase('stopped');
        const stopped = await one.until({ ended: true });
        assert.ok(stopped.id);
        assert.equal(stopped.canResume, true);
        await one.run((name) => [0, 1].forEach(() => window.jobs.resume(name)), key);
        await one.phase('queued');
        await finish();
        await two.phase('completed');
        await assertSpent(test, { posts: 1, charges: 1 });
      });
    }

    it('that were refused and are retried twice in a tick are sent once', async (test) => {
      const [tab] = await open(1);
      await emulator.plan({ submit: [{ status: 401 }] });
      const key = await tab.add();
      assert.equal((await tab.phase('failed')).canRetry, true);
      await tab.run((name) => [0, 1].forEach(() => window.jobs.retry(name)), key);
      await tab.phase('queued');
      await finish();
      await tab.phase('completed');
      await assertSpent(test, { posts: 2, charges: 1 });
    });

    it('that are added twice in a tick are two, each sent once', async (test) => {
      const [tab] = await open(1);
      await emulator.plan({ submit: [{ finish: true, times: 2 }] });
      await tab.run(() => [0, 1].forEach(() => window.jobs.add('rain')));
      await tabs.until('both complete', async () => {
        const { jobs } = await tab.shown();
        return jobs.length === 2 && jobs.every(({ phase }) => phase === 'completed');
      });
      await assertSpent(test, { posts: 2, charges: 2 });
    });

    it('with a storage that is full go on, which is told', async (test) => {
      const [tab] = await open(1);
      await tab.run(fillStorage);
      await emulator.plan({ submit: [{ finish: true }] });
      await tab.add();
      await tab.phase('completed');
      const { problems } = await tab.shown();
      assert.ok(problems.length > 0 && problems.every((problem) => /quota/i.test(problem)), problems.join());
      await assertSpent(test, { posts: 1, charges: 1 });
    });

    it('with a storage that is forbidden are kept in memory, which is told', async (test) => {
      const [tab] = await open(1, { before: forbidStorage });
      await emulator.plan({ submit: [{ finish: true }] });
      await tab.add();
      await tab.phase('completed');
      assert.match((await tab.shown()).problems.join(), /^SecurityError/);
      await assertSpent(test, { posts: 1, charges: 1 });
    });

    it('that another tab clears away are stored again, which is told', async (test) => {
      const [one, two] = await open(2);
      const key = await one.add();
      await two.phase('queued');
      await two.run(() => localStorage.clear());
      await tabs.until('it is stored again', () =>
        two.run((name) => localStorage.getItem(name) !== null, prefix + key),
      );
      assert.match((await one.shown()).problems.join(), /cleared/);
      await one.load();
      await finish();
      await one.phase('completed');
      await assertSpent(test, { posts: 1, charges: 1 });
    });

    it('that another tab removes are followed no longer, and come back nowhere', async (test) => {
      const [one, two] = await open(2);
      const key = await one.add();
      await two.phase('queued');
      await two.call('remove', key);
      await tabs.until('it is gone', async () => (await one.shown()).jobs.length === 0);
      const { polls } = await tabs.spent();
      await new Promise((resolve) => setTimeout(resolve, 2500));
      assert.ok((await tabs.spent()).polls <= polls + 1);
      assert.equal(await two.run(() => localStorage.length), 0);
      await assertSpent(test, { posts: 1, charges: 1 });
    });

    it('of a later version, or edited by hand, are not shown, sent or changed', async (test) => {
      const [tab] = await open(1);
      await emulator.plan({ submit: [{ finish: true }] });
      const key = await tab.add();
      await tab.phase('completed');
      const items = await tab.run(spoil, prefix + key);
      await tab.load();
      await new Promise((resolve) => setTimeout(resolve, 1500));
      assert.deepEqual(await tab.shown(), { jobs: [], problems: [] });
      assert.deepEqual(await tab.run(() => ({ ...localStorage })), items);
      await assertSpent(test, { posts: 1, charges: 1 });
    });
  });
}

// What follows runs in the page.

function fillStorage() {
  for (let size = 1 << 20; size >= 1;) {
    try {
      localStorage.setItem(`filler ${localStorage.length}`, 'x'.repeat(size));
    } catch {
      size >>= 1;
    }
  }
}

function forbidStorage() {
  Object.defineProperty(window, 'localStorage', {
    get() {
      throw new DOMException('no', 'SecurityError');
    },
  });
}

/** Puts others in the place of a record, and gives what is stored then. */
function spoil(item) {
  const record = JSON.parse(localStorage.getItem(item));
  const edits = [
    { version: 2 },
    { phase: 'done' },
    { request: {} },
    { startedAt: 'today' },
    { phase: 'submitting', endedAt: undefined },
    { generation: { ...record.generation, audio: { url: 'javascript:alert(1)' } } },
  ];
  localStorage.clear();
  edits.forEach((edit, index) => {
    const key = `edited-${index}`;
    localStorage.setItem(`stable-audio-jobs/${key}`, JSON.stringify({ ...record, key, ...edit }));
  });
  localStorage.setItem('stable-audio-jobs/broken', '{"version":1,');
  return { ...localStorage };
}
