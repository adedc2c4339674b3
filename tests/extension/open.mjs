// The extension, installed in a browser, with the emulator for a service. Menus, a side panel's
// gesture and permission prompts cannot be driven: tests call what they lead to.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buildExtension, zip } from '../../tools/build-extension.mjs';
import { demoKey } from '../../tools/emulator.mjs';
import { root } from '../../tools/paths.mjs';
import { engines } from '../../tools/setup/browsers.mjs';
import { openEmulator } from '../support/emulator.mjs';
import { openResources } from '../support/open-resources.mjs';
import { openChromium } from './open/chromium.mjs';
import { openFirefox } from './open/firefox.mjs';
import { panelHelpers } from './open/panels.mjs';
import { storageHelpers } from './open/storage.mjs';

/** A lost answer is looked up after 20 s. */
const waitMs = 30_000;
const axe = await readFile(join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');

/** Opens everything: the browser that `engine` names, the extension in it, and the emulator. */
export function openExtension(engine, { speed }) {
  return openResources(async (onClose) => {
    const emulator = await openEmulator({ speed });
    onClose(emulator.stop);
    const folder = await mkdtemp(join(tmpdir(), 'stable-audio-extension-'));
    onClose(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    const zips = await buildExtension({ change, folder: (name) => join(folder, name) });
    await countStarts(
      join(folder, engine),
      zips.find((file) => file.includes(`${engine}-`)),
    );
    const open = { chromium: openChromium, firefox: openFirefox }[engine];
    const browser = await open(engines()[engine], folder);
    onClose(browser.close);
    // Later it would take the place of the page that a test looks at.
    await waitFor('the options are open', async () =>
      (await browser.addresses()).some((address) => address.endsWith('/options.html')),
    );
    return { emulator, browser, ...helpers(browser, emulator) };
  });
}

/** What the background is started by, in place of itself. */
const counter = 'counter.js';

function change({ background, ...manifest }) {
  const started = background.scripts ? { scripts: [counter] } : { service_worker: counter };
  // The prompt for this permission cannot be answered: it is given beforehand.
  return { ...manifest, background: { ...background, ...started }, host_permissions: ['http://127.0.0.1/*'] };
}

/** Lets the background count in its storage how often it is started. */
async function countStarts(folder, zipped) {
  const count = `
    import './background.js';
    const { local } = chrome.storage;
    local.get('starts').then(({ starts = 0 }) => local.set({ starts: starts + 1 }));`;
  await writeFile(join(folder, counter), count);
  await zip(folder, zipped);
}

/** Looks until there is something to see, which it resolves to. */
export async function waitFor(what, look) {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function helpers(browser, emulator) {
  const inPage = (work, ...values) => browser.inPage(work, ...values);
  const fillForm = (fields) =>
    inPage((given) => {
      for (const [name, value] of Object.entries(given)) document.querySelector('#form').elements[name].value = value;
    }, fields);

  return {
    waitFor,
    inPage,

    /** Empties the extension's storage, and gives it the emulator's address and key, by the options page. */
    async start({ key = demoKey, keep = false } = {}) {
      await browser.goTo('options.html');
      await inPage(async () => {
        const { storage, action, notifications } = chrome;
        await storage.local.clear();
        await storage.session.clear();
        await action.setBadgeText({ text: '' });
        for (const id of Object.keys(await notifications.getAll())) await notifications.clear(id);
      });
      await browser.goTo('options.html');
      await inPage(
        (address, secret, kept) => {
          const form = document.querySelector('#options');
          form.elements.address.value = address;
          form.elements.key.value = secret;
          form.elements.keep.checked = kept;
          form.requestSubmit();
        },
        emulator.url,
        key,
        keep,
      );
      await waitFor('the options are saved', () => inPage(() => document.querySelector('#saved').textContent !== ''));
    },

    /** What the panel's cards show, the newest first. */
    cards: () =>
      inPage(() =>
        [...document.querySelectorAll('.card')].map((card) => ({
          phase: card.dataset.phase,
          prompt: card.querySelector('.prompt').textContent,
          note: card.querySelector('.note').textContent,
          actions: [...card.querySelectorAll('[data-action]:not([hidden])')].map((button) => button.dataset.action),
        })),
      ),

    /** Waits until the newest card is in a phase. */
    until: (phase) =>
      waitFor(`the card is ${phase}`, () =>
        inPage((wanted) => document.querySelector('.card')?.dataset.phase === wanted, phase),
      ),

    press: (action) => inPage((name) => document.querySelector(`.card [data-action="${name}"]`).click(), action),

    badge: () => inPage(() => chrome.action.getBadgeText({})),

    /** How often the background was started since `start`. */
    restarts: () => inPage(async () => (await chrome.storage.local.get('starts')).starts ?? 0),

    /** Does what the alarm does, and resolves once that is done. */
    runDue: () => inPage(() => chrome.runtime.sendMessage({ type: 'runDue' })),

    /** Lets the alarm ring. */
    ring: () => inPage(() => chrome.alarms.create('run-due', { when: Date.now(), periodInMinutes: 0.5 })),

    alarms: () => inPage(async () => (await chrome.alarms.getAll()).map(({ name }) => name)),

    /** The ids of the notifications that are shown. */
    notifications: () => inPage(async () => Object.keys(await chrome.notifications.getAll())),

    ...panelHelpers(inPage, waitFor),
    ...storageHelpers(inPage),

    fillForm,

    /** Asks for a track by the panel's form. */
    async generate(fields) {
      await fillForm(fields);
      await inPage(() => document.querySelector('#form').requestSubmit());
    },

    posts: emulator.posts,
    charges: emulator.charges,

    /** What axe finds wrong with the page that is open. */
    async violations() {
      await browser.addScript(axe);
      return inPage(async () => {
        const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] });
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
      });
    },
  };
}
