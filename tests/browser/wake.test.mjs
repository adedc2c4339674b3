// Pages that were hidden, frozen, offline or reloaded: overdue polls follow at once, and no faster
// than they may; and no job is lost or paid twice.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { Command } from 'selenium-webdriver/lib/command.js';

import { engine } from './harness.mjs';
import { openStage } from './stage/open.mjs';

// Milliseconds. The contract says at once; the rest is for a busy machine.
const atOnce = 250;

/** By name: how a page wakes. `document` is hidden before. */
const wakings = {
  'becomes visible again': "document.dispatchEvent(new Event('visibilitychange'))",
  'is shown again': "window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))",
  'goes online': "window.dispatchEvent(new Event('online'))",
};

/** Whether the ledger has a poll from after the job's end. */
const isPolled = ({ generations: [generation], requests }) =>
  generation && requests.some(({ method, at, ended }) => method === 'GET' && ended && at >= generation.ends_at);

describe(`a page in ${engine}`, { timeout: 240_000 }, () => {
  let harness;
  let emulator;
  before(async () => {
    harness = await openStage({ speed: 400 });
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
      const stage = await import('/stage.js');
      /** Jobs that are queued for ever and were each polled once, and their requests. */
      const asleep = async (count = 1, { words = ['queued'], fetch, ...options } = {}) => {
        const service = stage.service(words);
        const client = new StableAudio({ apiKey: stage.key, baseUrl: stage.elsewhere, fetch: fetch ?? service.fetch });
        const controller = new AbortController();
        const jobs = Array.from({ length: count }, (_, index) => {
          let call;
          const polled = new Promise((resolve) => {
            const onStatus = () => setTimeout(resolve);
            const all = { pollIntervalMs: 60_000, signal: controller.signal, onStatus, ...options };
            call = client.waitFor(`job-${index}`, all).catch(({ code }) => code);
          });
          return { call, polled };
        });
        await Promise.all(jobs.map(({ polled }) => polled));
        const end = async () => {
          controller.abort();
          await Promise.all(jobs.map(({ call }) => call));
        };
        return { requests: service.requests, end };
      };
      const { now } = Date;
      /** Lets the wall clock jump, as after a sleep of the machine, which its timers did not notice. */
      const jump = (ms) => (Date.now = () => now() + ms);
      let state = 'visible';
      const look = (next) => {
        state = next;
        Object.defineProperty(document, 'visibilityState', { get: () => state, configurable: true });
      };
      Object.assign(window, { at: { StableAudio, stage, baseUrl, asleep, jump, look } });
    }, emulator.url);
  }

  for (const [name, wake] of Object.entries(wakings)) {
    it(`that ${name} polls at once what is overdue, and only that`, async () => {
      const seen = await run(`async () => {
        const { asleep, jump, look, stage } = window.at;
        const { requests, end } = await asleep();
        await stage.pause(1100);
        const counts = [requests.length];
        const wake = async () => {
          ${wake};
          await stage.pause(${atOnce});
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

  it('that wakes never polls a job within a second of its last poll', async () => {
    const gaps = await run(async () => {
      const { asleep, jump, stage } = window.at;
      const { requests, end } = await asleep();
      await stage.pause(100);
      for (let i = 1; i <= 5; i += 1) {
        jump(61_000 * i);
        document.dispatchEvent(new Event('visibilitychange'));
        window.dispatchEvent(new Event('online'));
        await stage.pause(350);
      }
      await end();
      return requests.slice(1).map(({ at }, index) => at - requests[index].at);
    });
    assert.ok(gaps.length >= 1, 'it never woke');
    for (const gap of gaps) assert.ok(gap >= 999, `${gap} ms after the last`);
    assert.ok(gaps[0] < 1000 + atOnce * 2, `${gaps[0]} ms`);
  });

  it('that goes online polls at once what had met a network error, though it is not yet due', async () => {
    const seen = await run(async () => {
      const { asleep, stage } = window.at;
      const { fetch, requests } = stage.service(['queued']);
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
      await stage.pause(1100);
      const before = requests.length;
      document.dispatchEvent(new Event('visibilitychange'));
      await stage.pause(100);
      const visible = requests.length;
      window.dispatchEvent(new Event('online'));
      await stage.pause(300);
      await end();
      return [before, visible, requests.length];
    });
    assert.deepEqual(seen, [0, 0, 1]);
  });

  it('that wakes never polls through a closed gate', async () => {
    const { closed, opened, gap } = await run(async () => {
      const { asleep, stage } = window.at;
      const requests = [];
      let limited;
      const fetch = async (url) => {
        const id = new URL(url).searchParams.get('generation_id');
        requests.push({ id, at: performance.now() });
        // The first job meets a network error, the second one a 429 that closes the gate.
        if (id === 'job-0' && !limited) throw new TypeError('no');
        if (limited) return stage.reply({ id, status: 'queued' });
        limited = performance.now();
        return new Response('{}', { status: 429, headers: { 'retry-after': '3' } });
      };
      const { random } = Math;
      Math.random = () => 0.99;
      const { end } = await asleep(2, { fetch });
      Math.random = random;
      await stage.pause(1100);
      const before = requests.length;
      window.dispatchEvent(new Event('online'));
      await stage.pause(500);
      const closed = requests.length - before;
      const late = performance.now() + 4000;
      while (requests.length === before && performance.now() < late) await stage.pause(20);
      await end();
      return { closed, opened: requests.length - before, gap: requests[before]?.at - limited };
    });
    assert.equal(closed, 0);
    assert.ok(opened > 0, 'nothing was polled when it opened');
    assert.ok(gap >= 2999 && gap < 3600, `${gap} ms after the 429`);
  });

  it('that wakes spreads twenty overdue polls over about a second', async () => {
    const offsets = await run(async () => {
      const { asleep, jump, stage } = window.at;
      const { requests, end } = await asleep(20);
      await stage.pause(1100);
      const before = requests.length;
      jump(61_000);
      const start = performance.now();
      document.dispatchEvent(new Event('visibilitychange'));
      await stage.pause(1600);
      await end();
      return requests.slice(before).map(({ at }) => at - start);
    });
    assert.equal(offsets.length, 20);
    const tenths = new Set(offsets.map((offset) => Math.floor(offset / 100)));
    assert.ok(tenths.size >= 5, `all at ${[...tenths]}`);
    assert.ok(Math.max(...offsets) < 1000 + atOnce, `${Math.max(...offsets)} ms`);
  });

  it('in a tab that is really hidden and shown again catches up', async (context) => {
    await run(async () => {
      const { asleep, jump } = window.at;
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
    // The module may be told before this test.
    assert.ok(delay > -atOnce && delay < atOnce, `${delay} ms after it was shown`);
  });

  it('in a tab that stays hidden goes on, and is charged once', async () => {
    await emulator.reset({ speed: 20 });
    const { driver } = harness;
    await run(async () => {
      const { StableAudio, stage, baseUrl } = window.at;
      const client = new StableAudio({ apiKey: stage.key, baseUrl });
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

  it('that returns from the back/forward cache polls at once what is overdue', async (context) => {
    const { driver } = harness;
    await run(async () => {
      const { asleep } = window.at;
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
    assert.ok(next - seen.at < atOnce, `${next - seen.at} ms after it was shown`);
  });

  it('that is reloaded in the middle of a job resumes it from what onSubmitted stored', async () => {
    await emulator.reset({ speed: 20 });
    await run(async () => {
      const { StableAudio, stage, baseUrl } = window.at;
      const client = new StableAudio({ apiKey: stage.key, baseUrl });
      await new Promise((resolve) => {
        const onSubmitted = stage.store;
        client.generate('rain', { onSubmitted, onStatus: resolve, pollIntervalMs: 1000 }).catch(() => {});
      });
    });
    await open();
    const audio = await run(async () => {
      const { StableAudio, stage, baseUrl } = window.at;
      const client = new StableAudio({ apiKey: stage.key, baseUrl });
      return client.waitFor(JSON.parse(localStorage.getItem('job')), { pollIntervalMs: 1000 });
    });
    const { generations, requests } = await emulator.ledger();
    assert.deepEqual([generations.length, generations[0].id], [1, audio.generationId]);
    assert.equal(requests.filter(({ method }) => method === 'POST').length, 1);
    assert.match(audio.url, /\.wav$/);
  });

  it('that says it is offline sends no submit, but polls, and submits to this machine', async () => {
    const seen = await run(async () => {
      const { StableAudio, stage, baseUrl } = window.at;
      const { fetch, sent } = stage.service();
      let onLine = false;
      Object.defineProperty(navigator, 'onLine', { get: () => onLine, configurable: true });
      const client = new StableAudio({ apiKey: stage.key, baseUrl: stage.elsewhere, fetch });
      const offline = [await stage.outcome(client.submit('rain')), await stage.outcome(client.generate('rain'))];
      onLine = true;
      const apiKey = () => {
        onLine = false;
        return stage.key;
      };
      const turned = new StableAudio({ apiKey, baseUrl: stage.elsewhere, fetch });
      offline.push(await stage.outcome(turned.submit('rain')));
      const posts = sent('POST');
      const checked = await client.check('id');
      const local = new StableAudio({ apiKey: stage.key, baseUrl });
      const submitted = await stage.outcome(local.submit('rain'));
      return { told: offline.map(({ told }) => told), posts, checked, id: submitted.value?.id };
    });
    for (const { code, retryable, message } of seen.told) {
      assert.deepEqual({ code, retryable }, { code: 'offline', retryable: true });
      assert.match(message, /nothing was spent/);
    }
    assert.deepEqual([seen.posts, seen.checked.status], [0, 'completed']);
    assert.equal((await emulator.ledger()).generations[0].id, seen.id);
  });

  it('that is really offline keeps its job, and polls as soon as it is online', async (context) => {
    if (engine !== 'chromium') return context.skip('only Chromium’s driver can take a page offline');
    const executor = await harness.driver.getExecutor();
    executor.defineCommand('takeOffline', 'POST', '/session/:sessionId/chromium/network_conditions');
    const go = (offline) => {
      const conditions = { offline, latency: 0, download_throughput: -1, upload_throughput: -1 };
      return harness.driver.execute(new Command('takeOffline').setParameter('network_conditions', conditions));
    };
    try {
      await run(async () => {
        const { StableAudio, stage, baseUrl } = window.at;
        const seen = { faults: [], asked: [] };
        const fetch = (url, init) => {
          seen.asked.push(performance.now());
          return window.fetch(url, init);
        };
        const client = new StableAudio({ apiKey: stage.key, baseUrl, fetch });
        const onSubmitted = () => new Promise((resolve) => (seen.goOn = resolve));
        const onStatus = ({ polling }) => seen.faults.push(polling.lastError?.code);
        seen.track = client.generate('rain', { pollIntervalMs: 1000, onSubmitted, onStatus });
        window.addEventListener('online', () => (seen.online = performance.now()));
        while (!seen.goOn) await stage.pause(20);
        Object.assign(window, { seen });
      });
      await go(true);
      assert.equal(await run(() => navigator.onLine), false);
      await run(async () => {
        const { seen } = window;
        seen.goOn();
        // The third wait is the first that can be longer than two seconds.
        while (seen.faults.length < 3) await window.at.stage.pause(20);
        await window.at.stage.pause(1050);
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
      if (next) assert.ok(next - seen.online < atOnce, `${next - seen.online} ms after it was online`);
    } finally {
      await go(false);
    }
  });
});
