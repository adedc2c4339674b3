// The demo as `npm start` serves it, on a free port, open in a browser.

import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { By } from 'selenium-webdriver';

import { demoKey } from '../../../scripts/emulator.mjs';
import { root } from '../../../scripts/places.mjs';
import { serve } from '../../../scripts/start/serve.mjs';
import { openEmulator } from '../harness/emulator.mjs';
import { openBrowser } from '../harness/engines.mjs';

const host = '127.0.0.1';
const shots = join(root, 'target', 'screenshots');
const waitMs = 15_000;

/** Opens everything, once as with the emulator and once as with the service; `speed` is the emulator's. Close it in an `after` hook. */
export async function openDemo(engine, { speed }) {
  const closers = [];
  const close = async () => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const emulator = await openEmulator({ speed });
    closers.push(emulator.stop);
    const urls = {};
    for (const mode of ['emulator', 'service']) {
      const port = await freePort();
      const backend = { mode, upstream: emulator.url, key: demoKey };
      if (mode === 'emulator') backend.speed = speed;
      const server = await serve({ host, port, backend, folder: join(root, 'www') });
      closers.push(() => server.close());
      urls[mode] = `http://${host}:${port}/`;
    }
    const browser = await openBrowser(engine);
    closers.push(browser.close);
    const page = demoPage(browser.driver, urls, engine);
    return { emulator, page, driver: browser.driver, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function demoPage(driver, urls, engine) {
  const read = (work, ...values) => driver.executeScript(`return (${work})(...arguments)`, ...values);
  const element = (css) => driver.findElement(By.css(css));
  const loaded = () =>
    driver.wait(
      () => read(() => Boolean(document.querySelector('#backend')?.dataset.mode)),
      waitMs,
      'the page is ready',
    );

  const page = {
    read,
    element,

    /** Loads the page as somebody sees it who comes for the first time, with the emulator or `service`. */
    async open(mode = 'emulator') {
      await driver.get(urls[mode]);
      await read(() => localStorage.clear());
      await page.reload();
    },

    async reload() {
      await driver.navigate().refresh();
      await loaded();
    },

    /** Replaces what a field holds by what is typed. */
    async type(name, text) {
      const field = await element(`#${name}`);
      await field.clear();
      await field.sendKeys(text);
    },

    /** Types what is given, and presses Generate. */
    async generate(fields) {
      for (const [name, text] of Object.entries(fields)) await page.type(name, String(text));
      await element('#generate').click();
    },

    /** What the cards show, the newest first. */
    cards: () =>
      read(() =>
        [...document.querySelectorAll('.card')].map((card) => ({
          phase: card.dataset.phase,
          prompt: card.querySelector('.prompt').textContent,
          settings: card.querySelector('.settings').textContent,
          figures: card.querySelector('.figures').textContent,
          note: card.querySelector('.note').textContent,
          actions: [...card.querySelectorAll('[data-action]:not([hidden])')].map((button) => button.dataset.action),
        })),
      ),

    /** Waits until the newest card is in a phase, and resolves to what it shows. */
    async until(phase) {
      let card;
      await driver.wait(
        async () => {
          [card] = await page.cards();
          return card?.phase === phase;
        },
        waitMs,
        `the card is ${phase}`,
      );
      return card;
    },

    /** Presses a button of the newest card. */
    press: (action) => element(`.card [data-action="${action}"]`).click(),

    /** Waits for what a function of the page returns to be true. */
    waitFor: (work, what) => driver.wait(() => read(work), waitMs, what),

    /** Keeps a picture of the window, once what was last changed has been painted. */
    async shoot(name) {
      await driver.executeAsyncScript('requestAnimationFrame(() => requestAnimationFrame(arguments[0]))');
      await mkdir(shots, { recursive: true });
      await writeFile(join(shots, `demo-${engine}-${name}.png`), await driver.takeScreenshot(), 'base64');
    },
  };
  return page;
}

async function freePort() {
  const probe = createServer().listen(0, host);
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
