// The extension in Chromium, through its DevTools protocol.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { chromium } from 'playwright-core';

import { endChild, startChild } from '../../support/children.mjs';

const flags = [
  '--headless=new',
  '--remote-debugging-port=0',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-dev-shm-usage',
  '--disable-sync',
  '--no-default-browser-check',
  '--no-first-run',
];
const startTimeoutMs = 30_000;

/** Opens a browser with the extension of `folder`. */
export async function openChromium({ binary }, folder) {
  const extension = join(folder, 'chromium');
  const profile = join(folder, 'profile');
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const loaded = [`--disable-extensions-except=${extension}`, `--load-extension=${extension}`];
  const args = [...flags, ...asRoot, ...loaded, `--user-data-dir=${profile}`, 'about:blank'];
  const child = startChild(binary, args, { stdio: 'ignore' });
  let connected, context, page, base;

  const background = async () => context.serviceWorkers()[0] ?? (await once(context, 'serviceworker'))[0];
  const attach = async () => {
    connected = await chromium.connectOverCDP(`http://127.0.0.1:${await debuggingPort(profile, child)}`);
    [context] = connected.contexts();
    base ??= new URL('/', (await background()).url()).href;
    page = await context.newPage();
  };
  await attach();

  return {
    attach,
    /** Lets go of the browser: no page of the extension is open, and nobody holds its background. */
    async detach() {
      await page.close();
      await connected.close();
    },
    /** The addresses of all tabs. */
    addresses: async () => context.pages().map((tab) => tab.url()),
    goTo: (path) => page.goto(base + path),
    inPage: (work, ...values) => page.evaluate(`(${work})(...${JSON.stringify(values)})`),
    addScript: (text) => page.evaluate(text),
    doubleClick: (css) => page.dblclick(css, { force: true }),
    /** Holds Ctrl and Enter so long that Enter comes `times` times. */
    async hold(css, { times }) {
      await page.focus(css);
      await page.keyboard.down('Control');
      for (let count = 0; count < times; count += 1) await page.keyboard.down('Enter');
      await page.keyboard.up('Enter');
      await page.keyboard.up('Control');
    },
    /** Calls what the menu calls. */
    async select(text) {
      const worker = await background();
      await worker.evaluate((selectionText) => void globalThis.generateFromSelection({ selectionText }), text);
    },
    /** Kills the background as the browser does. */
    async kill() {
      const session = await context.newCDPSession(page);
      await session.send('ServiceWorker.enable');
      await session.send('ServiceWorker.stopAllWorkers');
      await session.detach();
    },
    resize: (size) => page.setViewportSize(size),
    async shoot(path, { width, height, dark }) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
      await page.screenshot({ path });
    },
    async close() {
      await connected.close().catch(() => {});
      await endChild(child);
    },
  };
}

async function debuggingPort(profile, child) {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    const text = await readFile(join(profile, 'DevToolsActivePort'), 'utf8').catch(() => '');
    if (text.includes('\n')) return text.split('\n')[0];
    if (child.exitCode !== null || Date.now() > deadline) throw new Error('the browser did not start');
    await sleep(100);
  }
}
