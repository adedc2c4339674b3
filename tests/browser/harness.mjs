// All that a browser test needs, opened at once: a browser of the engine that `ENGINE` names, the
// emulator, a site with the packed package on another origin, and a page of it.

import { openEmulator } from './harness/emulator.mjs';
import { openBrowser } from './harness/engines.mjs';
import { unpacked } from './harness/packed.mjs';
import { openPage } from './harness/page.mjs';
import { startSite } from './harness/site.mjs';

export const engine = process.env.ENGINE ?? 'chromium';

/** Opens everything, the page loaded; `speed` is the emulator's. Close it in an `after` hook. */
export async function openHarness({ speed = 100 } = {}) {
  const closers = [];
  const close = async () => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const emulator = await openEmulator({ speed });
    closers.push(emulator.stop);
    const files = await unpacked();
    closers.push(files.remove);
    const site = await startSite(files);
    closers.push(site.stop);
    const browser = await openBrowser(engine);
    closers.push(browser.close);
    const page = openPage(browser.driver, site);
    await page.open();
    return { engine, emulator, site, page, driver: browser.driver, close };
  } catch (error) {
    await close();
    throw error;
  }
}
