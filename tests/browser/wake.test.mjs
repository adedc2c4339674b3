// Pages that wake: overdue polls are sent at once, but not too fast and not through a closed gate.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { engine } from './harness.mjs';
import { openWithFixtures } from './fixtures/open.mjs';
import { openSleepingPage } from './fixtures/sleeping-calls.mjs';

// In milliseconds: overdue polls are sent at once, but this machine may be busy.
const immediateMs = 250;

/** By name: the events that wake a page. */
const wakeEvents = {
  'becomes visible again': "document.dispatchEvent(new Event('visibilitychange'))",
  'is shown again': "window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))",
  'goes online': "window.dispatchEvent(new Event('online'))",
};

describe(`a page that wakes in ${engine}`, { timeout: 240_000 }, () => {
  let harness;
  let emulator;
  before(async () => {
    harness = await openWithFixtures({ speed: 400 });
    emulator = harness.emulator;
  });
  after(() => harness?.close());
  beforeEach(async () => {
    await emulator.reset();
    await open();
  });

  const run = (...given) => harness.page.run(...given);
  const open = () => openSleepingPage(harness.page, emulator.url);

  for (const [name, wake] of Object.entries(wakeEvents)) {
    it(`a page that ${name} sends overdue polls at once, and no others`, async () => {
      const seen = await run(`async () => {
        const { asleep, jump, look, fixtures } = window.context;
        const { requests, end } = await asleep();
        await fixtures.sleep(1100);
        const counts = [requests.length];
        const wake = async () => {
          ${wake};
          await fixtures.sleep(${immediateMs});
          counts.push(requests.length);
        };
        await wake();
        jump(61_000);
        look('hidden');
        await wake();
        look('visible');
        await wake();
        await end();
        return counts;
      }`);
      // Once asleep, once not yet due, once due but hidden, once due and seen.
      assert.deepEqual(seen, [1, 1, 1, 2]);
    });
  }

  it('a page that wakes never polls a generation within a second of its last poll', async () => {
    const gaps = await run(async () => {
      const { asleep, jump, fixtures } = window.context;
      const { requests, end } = await asleep();
      await fixtures.sleep(100);
      for (let i = 1; i <= 5; i += 1) {
        jump(61_000 * i);
        document.dispatchEvent(new Event('visibilitychange'));
        window.dispatchEvent(new Event('online'));
        await fixtures.sleep(350);
      }
      await end();
      return requests.slice(1).map(({ at }, index) => at - requests[index].at);
    });
    assert.ok(gaps.length >= 1, 'it never woke');
    for (const gap of gaps) assert.ok(gap >= 999, `${gap} ms after the last`);
    assert.ok(gaps[0] < 1000 + immediateMs * 2, `${gaps[0]} ms`);
  });

  it('a page that goes online polls at once after a network error, even before the poll is due', async () => {
    const seen = await run(async () => {
      const { asleep, fixtures } = window.context;
      const { fetch, requests } = fixtures.service(['queued']);
      let broken = true;
      const flaky = (url, init) => {
        if (!broken) return fetch(url, init);
        broken = false;
        throw new TypeError('no');
      };
      const { random } = Math;
      Math.random = () => 0.99;
      const { end } = await asleep(1, { fetch: flaky });
      Math.random = random;
      await fixtures.sleep(1100);
      const before = requests.length;
      document.dispatchEvent(new Event('visibilitychange'));
      await fixtures.sleep(100);
      const visible = requests.length;
      window.dispatchEvent(new Event('online'));
      await fixtures.sleep(300);
      await end();
      return [before, visible, requests.length];
    });
    assert.deepEqual(seen, [0, 0, 1]);
  });

  it('a page that wakes never polls through a closed gate', async () => {
    const { closed, opened, gap } = await run(async () => {
      const { asleep, fixtures } = window.context;
      const requests = [];
      let limited;
      const fetch = async (url) => {
        const id = new URL(url).searchParams.get('generation_id');
        requests.push({ id, at: performance.now() });
        // The first job meets a network error, the second one a 429 that closes the gate.
        if (id === 'job-0' && !limited) throw new TypeError('no');
        if (limited) return fixtures.reply({ id, status: 'queued' });
        limited = performance.now();
        return new Response('{}', { status: 429, headers: { 'retry-after': '3' } });
      };
      const { random } = Math;
      Math.random = () => 0.99;
      const { end } = await asleep(2, { fetch });
      Math.random = random;
      await fixtures.sleep(1100);
      const before = requests.length;
      window.dispatchEvent(new Event('online'));
      await fixtures.sleep(500);
      const closed = requests.length - before;
      const late = performance.now() + 4000;
      while (requests.length === before && performance.now() < late) await fixtures.sleep(20);
      await end();
      return { closed, opened: requests.length - before, gap: requests[before]?.at - limited };
    });
    assert.equal(closed, 0);
    assert.ok(opened > 0, 'nothing was polled when it opened');
    assert.ok(gap >= 2999 && gap < 3600, `${gap} ms after the 429`);
  });

  it('a page that wakes spreads twenty overdue polls over about a second', async () => {
    const offsets = await run(async () => {
      const { asleep, jump, fixtures } = window.context;
      const { requests, end } = await asleep(20);
      await fixtures.sleep(1100);
      const before = requests.length;
      jump(61_000);
      const start = performance.now();
      document.dispatchEvent(new Event('visibilitychange'));
      await fixtures.sleep(1600);
      await end();
      return requests.slice(before).map(({ at }) => at - start);
    });
    assert.equal(offsets.length, 20);
    const tenths = new Set(offsets.map((offset) => Math.floor(offset / 100)));
    assert.ok(tenths.size >= 5, `all at ${[...tenths]}`);
    assert.ok(Math.max(...offsets) < 1000 + immediateMs, `${Math.max(...offsets)} ms`);
  });
});
