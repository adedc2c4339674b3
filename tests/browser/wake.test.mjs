// Pages that were hidden, frozen, offline or reloaded: overdue polls are sent at once but not too fast, and no
// generation is lost or paid for twice.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { Command } from 'selenium-webdriver/lib/command.js';

import { engine } from './harness.mjs';
import { openWithFixtures } from './fixtures/open.mjs';

// In milliseconds: overdue polls are sent at once, but this machine may be busy.
const immediateMs = 250;

/** By name: the events that wake a page. */
const wakeEvents = {
  'becomes visible again': "document.dispatchEvent(new Event('visibilitychange'))",
  'is shown again': "window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))",
  'goes online': "window.dispatchEvent(new Event('online'))",
};

/** Whether the generation was polled after its end. */
const isPolled = ({ generations: [generation], requests }) =>
  generation && requests.some(({ method, at, ended }) => method === 'GET' && ended && at >= generation.ends_at);

describe(`a page in ${engine}`, { timeout: 240_000 }, () => {
  let harness;
  let emulator;
  before(async () => {
    harness = await openWithFixtures({ speed: 400 });
    emulator = harness.emulator;
    harness.site.add('/elsewhere', '<!doctype html><title>elsewhere</title>');
  });
  after(() => harness?.close());
  beforeEach(async () => {
    await emulator.reset();
    await open();
  });

  const run = (...given) => harness.page.run(...given);
  async function open() {
    await harness.page.open();
    await run(async (baseUrl) => {
      const { StableAudio } = await import('stable-audio-client');
      const fixtures = await import('/fixtures.js');
      /** Calls for generations that stay queued and were each polled once, and their requests. */
      const asleep = async (count = 1, { statuses = ['queued'], fetch, ...options } = {}) => {
        const service = fixtures.service(statuses);
        const client = new StableAudio({
          apiKey: fixtures.key,
          baseUrl: fixtures.serviceUrl,
          fetch: fetch ?? service.fetch,
        });
        const controller = new AbortController();
        const calls = Array.from({ length: count }, (_, index) => {
          let call;
          const polled = new Promise((resolve) => {
            const onStatus = () => setTimeout(resolve);
            const all = { pollIntervalMs: 60_000, signal: controller.signal, onStatus, ...options };
            call = client.waitFor(`job-${index}`, all).catch(({ code }) => code);
          });
          return { call, polled };
        });
        await Promise.all(calls.map(({ polled }) => polled));
        const end = async () => {
          controller.abort();
          await Promise.all(calls.map(({ call }) => call));
        };
        return { requests: service.requests, end };
      };
      const { now } = Date;
      /** Advances the wall clock but not the timers, as a sleep of the machine does. */
      const jump = (ms) => (Date.now = () => now() + ms);
      let state = 'visible';
      const look = (next) => {
        state = next;
        Object.defineProperty(document, 'visibilityState', { get: () => state, configurable: true });
      };
      Object.assign(window, { context: { StableAudio, fixtures, baseUrl, asleep, jump, look } });
    }, emulator.url);
  }

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

  it('a tab that is really hidden and shown again polls at once', async (context) => {
    await run(async () => {
      const { asleep, jump } = window.context;
      const events = [];
      const { requests, end } = await asleep();
      document.addEventListener('visibilitychange', () => {
        events.push({ state: document.visibilityState, at: performance.now() });
        if (document.visibilityState === 'hidden') jump(61_000);
      });
      Object.assign(window, { hidden: { requests, events, end } });
    });
    const { driver } = harness;
    const tab = await driver.getWindowHandle();
    await driver.switchTo().newWindow('tab');
    await driver.sleep(1200);
    const other = await driver.getWindowHandle();
    await driver.close();
    assert.notEqual(other, tab);
    await driver.switchTo().window(tab);
    await driver.sleep(500);
    const { events, requests } = await run(async () => {
      const { events, requests, end } = window.hidden;
      await end();
      return { events, requests };
    });
    if (events.at(0)?.state !== 'hidden') return context.skip('this driver never hides a page');
    assert.deepEqual(
      events.map(({ state }) => state),
      ['hidden', 'visible'],
    );
    assert.equal(requests.length, 2);
    const delay = requests[1].at - events[1].at;
    // The module may receive the event before this test.
    assert.ok(delay > -immediateMs && delay < immediateMs, `${delay} ms after it was shown`);
  });

  it('a tab that stays hidden continues to poll, and is charged once', async () => {
    await emulator.reset({ speed: 20 });
    const { driver } = harness;
    await run(async () => {
      const { StableAudio, fixtures, baseUrl } = window.context;
      const client = new StableAudio({ apiKey: fixtures.key, baseUrl });
      window.track = client.generate('rain', { pollIntervalMs: 1000 });
    });
    const tab = await driver.getWindowHandle();
    await driver.switchTo().newWindow('tab');
    const late = Date.now() + 20_000;
    while (!isPolled(await emulator.ledger()) && Date.now() < late) await driver.sleep(200);
    assert.ok(Date.now() < late, 'the hidden page stopped polling');
    await driver.close();
    await driver.switchTo().window(tab);
    const url = await run(() => window.track);
    assert.match(url, /\.wav$/);
    assert.equal((await emulator.ledger()).generations.length, 1);
  });

  it('a page that returns from the back/forward cache sends overdue polls at once', async (context) => {
    const { driver } = harness;
    await run(async () => {
      const { asleep } = window.context;
      const { requests, end } = await asleep(1, { pollIntervalMs: 1500 });
      const seen = { requests, end, persisted: undefined };
      window.addEventListener('pageshow', ({ persisted }) => Object.assign(seen, { persisted, at: performance.now() }));
      window.addEventListener('pagehide', () => (seen.before = requests.length));
      Object.assign(window, { seen });
    });
    await driver.get(`${harness.site.url}/elsewhere`);
    await driver.sleep(2500);
    await driver.navigate().back();
    await driver.sleep(600);
    const seen = await driver.executeScript(`
      const { seen } = window;
      if (!seen) return undefined;
      seen.end();
      return { persisted: seen.persisted, at: seen.at, before: seen.before, polls: seen.requests.map(({ at }) => at) };`);
    if (!seen?.persisted) return context.skip('under this driver no page is kept');
    const next = seen.polls[seen.before];
    assert.ok(next - seen.at < immediateMs, `${next - seen.at} ms after it was shown`);
  });

  it('a page that is reloaded during a generation resumes it from what onSubmitted stored', async () => {
    await emulator.reset({ speed: 20 });
    await run(async () => {
      const { StableAudio, fixtures, baseUrl } = window.context;
      const client = new StableAudio({ apiKey: fixtures.key, baseUrl });
      await new Promise((resolve) => {
        const onSubmitted = fixtures.storeGeneration;
        client.generate('rain', { onSubmitted, onStatus: resolve, pollIntervalMs: 1000 }).catch(() => {});
      });
    });
    await open();
    const audio = await run(async () => {
      const { StableAudio, fixtures, baseUrl } = window.context;
      const client = new StableAudio({ apiKey: fixtures.key, baseUrl });
      return client.waitFor(JSON.parse(localStorage.getItem('job')), { pollIntervalMs: 1000 });
    });
    const { generations, requests } = await emulator.ledger();
    assert.deepEqual([generations.length, generations[0].id], [1, audio.generationId]);
    assert.equal(requests.filter(({ method }) => method === 'POST').length, 1);
    assert.match(audio.url, /\.wav$/);
  });

  it('a page that says it is offline sends no submit, but polls, and submits to this machine', async () => {
    const seen = await run(async () => {
      const { StableAudio, fixtures, baseUrl } = window.context;
      const { fetch, sent } = fixtures.service();
      let onLine = false;
      Object.defineProperty(navigator, 'onLine', { get: () => onLine, configurable: true });
      const client = new StableAudio({ apiKey: fixtures.key, baseUrl: fixtures.serviceUrl, fetch });
      const offline = [await fixtures.settle(client.submit('rain')), await fixtures.settle(client.generate('rain'))];
      onLine = true;
      const apiKey = () => {
        onLine = false;
        return fixtures.key;
      };
      const turned = new StableAudio({ apiKey, baseUrl: fixtures.serviceUrl, fetch });
      offline.push(await fixtures.settle(turned.submit('rain')));
      const posts = sent('POST');
      const checked = await client.check('id');
      const local = new StableAudio({ apiKey: fixtures.key, baseUrl });
      const submitted = await fixtures.settle(local.submit('rain'));
      return { rejection: offline.map(({ rejection }) => rejection), posts, checked, id: submitted.value?.id };
    });
    for (const { code, retryable, message } of seen.rejection) {
      assert.deepEqual({ code, retryable }, { code: 'offline', retryable: true });
      assert.match(message, /nothing was spent/);
    }
    assert.deepEqual([seen.posts, seen.checked.status], [0, 'completed']);
    assert.equal((await emulator.ledger()).generations[0].id, seen.id);
  });

  it('a page that is really offline keeps its generation, and polls as soon as it is online', async (context) => {
    if (engine !== 'chromium') return context.skip('only Chromium’s driver can take a page offline');
    const executor = await harness.driver.getExecutor();
    executor.defineCommand('takeOffline', 'POST', '/session/:sessionId/chromium/network_conditions');
    const go = (offline) => {
      const conditions = { offline, latency: 0, download_throughput: -1, upload_throughput: -1 };
      return harness.driver.execute(new Command('takeOffline').setParameter('network_conditions', conditions));
    };
    try {
      await run(async () => {
        const { StableAudio, fixtures, baseUrl } = window.context;
        const seen = { faults: [], asked: [] };
        const fetch = (url, init) => {
          seen.asked.push(performance.now());
          return window.fetch(url, init);
        };
        const client = new StableAudio({ apiKey: fixtures.key, baseUrl, fetch });
        const onSubmitted = () => new Promise((resolve) => (seen.goOn = resolve));
        const onStatus = ({ polling }) => seen.faults.push(polling.lastError?.code);
        seen.track = client.generate('rain', { pollIntervalMs: 1000, onSubmitted, onStatus });
        window.addEventListener('online', () => (seen.online = performance.now()));
        while (!seen.goOn) await fixtures.sleep(20);
        Object.assign(window, { seen });
      });
      await go(true);
      assert.equal(await run(() => navigator.onLine), false);
      await run(async () => {
        const { seen } = window;
        seen.goOn();
        // The third wait is the first that can be longer than two seconds.
        while (seen.faults.length < 3) await window.context.fixtures.sleep(20);
        await window.context.fixtures.sleep(1050);
      });
      await go(false);
      const seen = await run(async () => {
        const { track, ...seen } = window.seen;
        return { ...seen, online: window.seen.online, url: await track };
      });
      assert.match(seen.url, /\.wav$/);
      assert.deepEqual(new Set(seen.faults.slice(0, 3)), new Set(['network']));
      assert.equal((await emulator.ledger()).generations.length, 1);
      const next = seen.asked.find((at) => at > seen.online);
      if (next) assert.ok(next - seen.online < immediateMs, `${next - seen.online} ms after it was online`);
    } finally {
      await go(false);
    }
  });
});
