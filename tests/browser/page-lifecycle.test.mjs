// Pages that are hidden, left, reloaded or offline: no generation is lost or paid for twice.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { Command } from 'selenium-webdriver/lib/command.js';

import { openWithFixtures } from './fixtures/open.mjs';
import { openSleepingPage } from './fixtures/sleeping-calls.mjs';
import { engine } from './harness.mjs';

// In milliseconds: overdue polls are sent at once, but this machine may be busy.
const immediateMs = 250;

/** Whether the generation was polled after its end. */
const isPolled = ({ generations: [generation], requests }) =>
  generation && requests.some(({ method, at, ended }) => method === 'GET' && ended && at >= generation.ends_at);

describe(`the lifecycle of a page in ${engine}`, { timeout: 240_000 }, () => {
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
  const open = () => openSleepingPage(harness.page, emulator.url);

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
