// The extension, installed in a browser, with the emulator for a service. Menus, a side panel's
// gesture and permission prompts cannot be driven: tests call what they lead to.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';

import { buildExtension } from '../../tools/build-extension.mjs';
import { demoKey } from '../../tools/emulator.mjs';
import { root } from '../../tools/paths.mjs';
import { engines } from '../../tools/setup/browsers.mjs';
import { openEmulator } from '../support/emulator.mjs';
import { openChromium } from './open/chromium.mjs';
import { openFirefox } from './open/firefox.mjs';

/** A lost answer is looked up after 20 s. */
const waitMs = 30_000;
const axe = await readFile(join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');

/** Opens everything: the browser that `engine` names, the extension in it, and the emulator. */
export async function openExtension(engine, { speed }) {
  const closers = [];
  const close = async () => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const emulator = await openEmulator({ speed });
    closers.push(emulator.stop);
    const folder = await mkdtemp(join(tmpdir(), 'stable-audio-extension-'));
    closers.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    await buildExtension({ change: permitted, folder: (name) => join(folder, name) });
    const open = { chromium: openChromium, firefox: openFirefox }[engine];
    const browser = await open(engines()[engine], folder);
    closers.push(browser.close);
    return { emulator, close, browser, ...helpers(browser, emulator) };
  } catch (error) {
    await close();
    throw error;
  }
}

// The prompt for this permission cannot be answered: it is given beforehand.
function permitted(manifest) {
  return { ...manifest, host_permissions: ['http://127.0.0.1/*'] };
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

  return {
    waitFor,
    inPage,

    /** Empties the extension's storage, and gives it the emulator's address and key, by the options page. */
    async start({ key = demoKey, keep = false } = {}) {
      await browser.goTo('options.html');
      await inPage(async () => {
        const { storage, action } = globalThis.browser ?? globalThis.chrome;
        await storage.local.clear();
        await storage.session.clear();
        await action.setBadgeText({ text: '' });
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

    /** The stored records. */
    stored: () =>
      inPage(async () => {
        const all = await (globalThis.browser ?? globalThis.chrome).storage.local.get(null);
        return Object.values(all).filter((value) => value?.request);
      }),

    badge: () => inPage(() => (globalThis.browser ?? globalThis.chrome).action.getBadgeText({})),

    order: (message) => inPage((it) => (globalThis.browser ?? globalThis.chrome).runtime.sendMessage(it), message),

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
