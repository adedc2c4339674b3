// The demo as `npm start` serves it, on a free port, open in a browser.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { By, Key } from 'selenium-webdriver';

import { freePort } from '../../support/free-port.mjs';
import { demoKey } from '../../../tools/emulator.mjs';
import { root } from '../../../tools/paths.mjs';
import { buildDemo } from '../../../tools/build-demo.mjs';
import { serve } from '../../../tools/start/serve.mjs';
import { openEmulator } from '../../support/emulator.mjs';
import { openResources } from '../../support/open-resources.mjs';
import { openSite } from '../../support/site.mjs';
import { openBrowser } from '../harness/engines.mjs';
import { endedJob } from './stored-job.mjs';

const host = '127.0.0.1';
const shots = join(root, 'target', 'screenshots');
const waitMs = 15_000;
/** The page takes presses within this for one gesture, and none on a button that nobody has seen yet. */
const [gestureMs, unseenMs] = [1000, 450];

/** Where the built demo lies on its static host. */
const subPath = '/some/where/';
const axe = await readFile(join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');

/** Opens everything: as with the emulator, as with the service, and as `static` hosts have it; `speed` is the emulator's. Close it in an `after` hook. */
export function openDemo(engine, { speed }) {
  return openResources(async (onClose) => {
    const ports = { emulator: await freePort(), service: await freePort() };
    const emulator = await openEmulator({ speed, origins: [`http://${host}:${ports.emulator}`] });
    onClose(emulator.stop);
    const urls = {};
    for (const [mode, port] of Object.entries(ports)) {
      const backend = { mode, upstream: emulator.url, key: demoKey };
      if (mode === 'emulator') backend.speed = speed;
      const server = await serve({ host, port, backend, folder: join(root, 'www') });
      onClose(() => server.close());
      urls[mode] = `http://${host}:${port}/`;
    }
    const built = await mkdtemp(join(tmpdir(), 'stable-audio-demo-'));
    onClose(() => rm(built, { recursive: true, force: true, maxRetries: 3 }));
    await buildDemo(built);
    const site = await openSite({ folder: built, prefix: subPath });
    onClose(site.stop);
    urls.static = site.url + subPath;
    const browser = await openBrowser(engine);
    onClose(browser.close);
    await browser.driver.manage().window().setRect({ width: 1280, height: 900 });
    const page = demoPage(browser.driver, urls, engine);
    return { emulator, page, built, driver: browser.driver };
  });
}

function demoPage(driver, urls, engine) {
  let pressedAt = 0;
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

    /** Loads the page as somebody sees it who comes for the first time: with the emulator, `service` or `static`. */
    async open(mode = 'emulator') {
      const [last, ...others] = (await driver.getAllWindowHandles()).toReversed();
      for (const tab of others) {
        await driver.switchTo().window(tab);
        await driver.close();
      }
      await driver.switchTo().window(last);
      await driver.get(urls[mode]);
      await read(() => {
        localStorage.clear();
        sessionStorage.clear();
      });
      await page.forgetAudio();
      await page.reload();
    },

    /** Takes the finished audio from the browser, as it does itself when it needs the room. */
    forgetAudio: () => read(() => caches.delete('stable-audio/audio').then(() => {})),

    /** Opens a second tab of the same page, and resolves to a way between the two. */
    async openAnother(mode = 'emulator') {
      const first = await driver.getWindowHandle();
      await driver.switchTo().newWindow('tab');
      const second = await driver.getWindowHandle();
      await driver.get(urls[mode]);
      await loaded();
      return {
        first: () => driver.switchTo().window(first),
        second: () => driver.switchTo().window(second),
        async closeFirst() {
          await driver.switchTo().window(first);
          await driver.close();
          await driver.switchTo().window(second);
        },
      };
    },

    /** From the next load on, no link to a finished track leads anywhere. */
    expireLinks: () =>
      read(() => {
        for (const [name, text] of Object.entries(localStorage)) {
          if (name.startsWith('stable-audio/')) localStorage[name] = text.replaceAll(/\/files\/\w+\//g, '/files/0/');
        }
      }),

    /** What axe finds wrong with the page as it is now. */
    async violations() {
      if (!(await read(() => Boolean(window.axe)))) await driver.executeScript(axe);
      return driver.executeAsyncScript(findViolations);
    },

    /** Presses Tab until an element that matches has the focus. */
    async tabTo(css) {
      for (let presses = 0; presses < 40; presses += 1) {
        await driver.actions().sendKeys(Key.TAB).perform();
        if (await read((wanted) => document.activeElement.matches(wanted), css)) return;
      }
      throw new Error(`Tab does not lead to ${css}`);
    },

    /** Presses keys, wherever the focus is. */
    async keys(...pressed) {
      const actions = driver.actions();
      for (const key of pressed) actions.sendKeys(key);
      await actions.perform();
    },

    async reload() {
      await driver.navigate().refresh();
      await loaded();
    },

    /** Replaces what a field holds by what is typed. */
    async type(name, text) {
      await read((id) => {
        const input = document.getElementById(id);
        const folded = input.closest('details');
        if (folded) folded.open = true;
        // WebKit's driver scrolls the page alone, not the form.
        input.scrollIntoView({ block: 'nearest' });
      }, name);
      const field = await element(`#${name}`);
      await field.clear();
      if (text) await field.sendKeys(text);
    },

    /** Types what is given, and presses Generate. */
    async generate(fields) {
      for (const [name, text] of Object.entries(fields)) await page.type(name, String(text));
      await element('#generate').click();
    },

    /** Stores jobs, as an earlier visit has left them. The next load shows them. */
    store: (records, mode = 'emulator') =>
      read(
        (all, folder) => {
          for (const record of all) localStorage[`stable-audio/${folder}/${record.key}`] = JSON.stringify(record);
        },
        records,
        mode,
      ),

    /** Shows a job as it was stored when nobody could find out what had become of its request. */
    async showUnknown(prompt) {
      const message = 'the service or a gateway failed while it had the request';
      const error = { code: 'submit_unknown', message, retryable: false, httpStatus: 502 };
      await page.store([endedJob({ key: 'unknown', prompt, error })]);
      await page.reload();
      await page.until('unknown');
    },

    /** Gives a static page an address and a key, and connects. */
    async connect(fields) {
      for (const [name, text] of Object.entries(fields)) await page.type(name, text);
      await element('#connection .connect button').click();
      await page.waitFor(
        () =>
          document.querySelector('#connection').dataset.connected === 'true' ||
          !document.querySelector('#connection-mistake').hidden,
        'it is connected, or says why not',
      );
    },

    /** What the cards show, the newest first. */
    cards: () =>
      read(() =>
        [...document.querySelectorAll('.card')].map((card) => ({
          phase: card.dataset.phase,
          word: card.querySelector('.word').textContent,
          prompt: card.querySelector('.prompt').textContent,
          settings: card.querySelector('.settings').textContent,
          figures: card.querySelector('.figures').textContent,
          note: card.querySelector('.note').textContent,
          actions: [...card.querySelectorAll('[data-action]:not([hidden])')].map((button) => button.dataset.action),
        })),
      ),

    /** Waits until the newest card is in a phase, and resolves to what it shows. */
    async until(phase, timeoutMs = waitMs) {
      let card;
      await driver.wait(
        async () => {
          [card] = await page.cards();
          return card?.phase === phase;
        },
        timeoutMs,
        `the card is ${phase}`,
      );
      return card;
    },

    /** Presses a button of the newest card, as somebody who has seen it, and has finished the press before. */
    async press(action) {
      await driver.sleep(Math.max(unseenMs, pressedAt + gestureMs - Date.now()));
      await element(`.card [data-action="${action}"]`).click();
      pressedAt = Date.now();
    },

    /** Presses a place two or more times, as fast as a hand does, whatever is there by then. */
    async pressRepeatedly(target, times) {
      let actions = driver.actions().move({ origin: target });
      for (let count = 0; count < times; count += 1) actions = actions.press().release().pause(60);
      await actions.perform();
    },

    /** Holds Enter so long that it comes `times` times, on whatever has the focus by then. */
    async hold({ times, modifier } = {}) {
      if (engine === 'chromium') return holdInChromium(driver, { times, modifier });
      let actions = driver.actions();
      if (modifier) actions = actions.keyDown(modifier);
      for (let count = 0; count < times; count += 1) actions = actions.keyDown(Key.ENTER).pause(30);
      actions = actions.keyUp(Key.ENTER);
      if (modifier) actions = actions.keyUp(modifier);
      await actions.perform();
    },

    /** Waits for what a function of the page returns to be true. */
    waitFor: (work, what) => driver.wait(() => read(work), waitMs, what),

    /** Shows the page at a size, in light or dark; false where the engine's driver cannot. */
    async show({ width, height, dark, whole = false }) {
      if (engine !== 'chromium') {
        if (dark) return false;
        await driver.manage().window().setRect({ width, height });
        return true;
      }
      const scheme = { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' };
      await driver.sendDevToolsCommand('Emulation.setEmulatedMedia', { features: [scheme] });
      const metrics = { width, height, deviceScaleFactor: 1, mobile: width < 600 };
      await driver.sendDevToolsCommand('Emulation.setDeviceMetricsOverride', metrics);
      if (!whole) return true;
      metrics.height = await driver.executeScript('return document.documentElement.scrollHeight');
      await driver.sendDevToolsCommand('Emulation.setDeviceMetricsOverride', metrics);
      return true;
    },

    /** Keeps a picture of the window, once what was last changed has been painted. */
    async shoot(name, folder = shots) {
      await driver.executeAsyncScript('requestAnimationFrame(() => requestAnimationFrame(arguments[0]))');
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, `${name}.png`), await driver.takeScreenshot(), 'base64');
    },
  };
  return page;
}

// Its driver presses a key that is down again as if it had been let go.
async function holdInChromium(driver, { times, modifier }) {
  const event = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, modifiers: modifier === Key.CONTROL ? 2 : 0 };
  const dispatch = (rest) => driver.sendDevToolsCommand('Input.dispatchKeyEvent', { ...event, ...rest });
  for (let count = 0; count < times; count += 1) {
    await dispatch({ type: 'keyDown', text: '\r', autoRepeat: count > 0 });
    await driver.sleep(30);
  }
  await dispatch({ type: 'keyUp' });
}

// Runs in the page.
function findViolations(done) {
  window.axe.run(document, { resultTypes: ['violations'] }).then(
    ({ violations }) => done(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)),
    (error) => done([String(error)]),
  );
}
