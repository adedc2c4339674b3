// Tabs with jobs: one browser, and behind one origin the site, the server half, and after it the emulator.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { forkChild, killChild } from '../../support/children.mjs';
import { openResources } from '../../support/open-resources.mjs';
import { waitUntil } from '../../support/wait-until.mjs';
import { openWithFixtures } from '../fixtures/open.mjs';
import { engine } from '../harness.mjs';
import { insecureHost } from '../harness/capabilities.mjs';
import { openPage } from '../harness/page.mjs';
import { startFaultyProxy } from '../recovery/faulty-proxy.mjs';

const program = fileURLToPath(new URL('../recovery/server.mjs', import.meta.url));
/** How long the server half has kept everything: long enough that what it says of a submit is believed. */
const reachMs = 600_000;
const waits = { timeoutMs: 15_000, intervalMs: 50 };

/** Opens everything; close it in an `after` hook. */
export function openTabs() {
  return openResources(async (onClose) => {
    const harness = await openWithFixtures({ speed: 1 });
    onClose(harness.close);
    const { driver, emulator, site } = harness;
    site.add('/jobs.js', await readFile(new URL('in-page.js', import.meta.url), 'utf8'));
    site.add('/empty', '<!doctype html><title>empty</title>');
    const { child, message } = await forkChild(program, [emulator.url, 'memory', String(reachMs)]);
    onClose(() => killChild(child));
    const proxy = await startFaultyProxy(site);
    onClose(proxy.stop);
    proxy.server = message;
    return { emulator, driver, proxy, ...tabs({ driver, emulator, proxy }) };
  });
}

function tabs({ driver, emulator, proxy }) {
  const insecure = new URL(proxy.url);
  insecure.hostname = insecureHost;
  // WebKit cannot be told of a host, and goes to no address of this machine that it does not trust.
  const origins = [proxy.url, ...(engine === 'webkit' ? [] : [insecure.origin])];

  /** A tab; `before` is what runs in its page before that opens its jobs. */
  function tab(handle, { locks = true, before = () => {}, ...options }) {
    const page = openPage(driver, { url: locks ? proxy.url : origins.at(-1) });
    const there = async (act) => {
      await driver.switchTo().window(handle);
      return act();
    };
    const self = {
      handle,
      run: (work, ...values) => there(() => page.run(work, ...values)),
      /** Loads the page, or loads it again. */
      load: (changes) =>
        there(async () => {
          await page.open();
          if (!locks) await page.run(withoutLocks);
          await page.run(before);
          await page.run(async (all) => (await import('/jobs.js')).open(all), { ...options, ...changes });
        }),
      add: (prompt = 'rain') => self.run((text) => window.jobs.add(text).key, prompt),
      call: (name, ...values) => self.run((method, given) => void window.jobs[method](...given), name, values),
      shown: () => self.run(async () => (await import('/jobs.js')).shown()),
      /** Waits until its newest job has these fields, and resolves to that job. */
      until: (fields) => {
        const show = JSON.stringify(fields);
        return until(`a job with ${show}`, async () => {
          const [job] = (await self.shown()).jobs;
          return Object.entries(fields).every(([name, value]) => job?.[name] === value) && job;
        });
      },
      phase: (phase) => self.until({ phase }),
      /** Whether it follows the jobs: whether it holds the lock of one. */
      isFollower: () => self.run(holdsLock),
      close: () => there(() => driver.close()),
      /** In Chromium alone: the other drivers end with a page that crashes. */
      crash: () =>
        there(async () => {
          await assert.rejects(driver.get('chrome://crash'), /crash/);
          // Nothing can be loaded in what is left of it.
          await driver.close();
        }),
    };
    return self;
  }

  return {
    until,

    /** Closes all tabs but one, and empties what they stored. */
    async reset() {
      const [first, ...others] = await driver.getAllWindowHandles();
      for (const handle of others) {
        await driver.switchTo().window(handle);
        await driver.close();
      }
      await driver.switchTo().window(first);
      for (const origin of origins) {
        await driver.get(`${origin}/empty`);
        await driver.executeScript('localStorage.clear()');
      }
      await emulator.reset();
      proxy.reset();
    },

    /** Opens so many tabs with jobs. */
    async open(count, options) {
      const all = [];
      for (let index = 0; index < count; index += 1) {
        if (index > 0) await driver.switchTo().newWindow('tab');
        const opened = tab(await driver.getWindowHandle(), options);
        await opened.load();
        all.push(opened);
      }
      return all;
    },

    /** Two tabs, the one that follows the jobs last: it may be the one that did not add them. */
    async followerLast([one, two]) {
      return (await two.isFollower()) ? [one, two] : [two, one];
    },

    /** What the service got, and what it took for that. */
    async spent() {
      const asked = await emulator.requests('GET');
      return {
        posts: await emulator.posts(),
        polls: asked.filter(({ path }) => path.startsWith('/v2/generate')).length,
        charges: await emulator.charges(),
      };
    },
  };
}

// Runs in the page. An origin that is no secure context has none.
function withoutLocks() {
  if (isSecureContext) Object.defineProperty(navigator, 'locks', { value: undefined });
}

// Runs in the page, which is told apart from others by a lock of its own.
function holdsLock() {
  return navigator.locks.request('own', async () => {
    const { held } = await navigator.locks.query();
    const own = held.find(({ name }) => name === 'own').clientId;
    return held.some(({ name, clientId }) => name !== 'own' && clientId === own);
  });
}

/** Waits for something, which the error names if it does not come. */
async function until(what, probe) {
  try {
    return await waitUntil(probe, waits);
  } catch (cause) {
    throw new Error(`not seen: ${what}`, { cause });
  }
}
