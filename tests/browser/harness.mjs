// What a browser test needs: a browser of the engine that `ENGINE` names, the emulator, a site with the
// packed package on another origin, and a page of that site.

import { openEmulator } from '../support/emulator.mjs';
import { openResources } from '../support/open-resources.mjs';
import { unpackPackage } from '../support/packed-package.mjs';
import { openBrowser } from './harness/engines.mjs';
import { openPage } from './harness/page.mjs';
import { startSite } from './harness/site.mjs';

export const engine = process.env.ENGINE ?? 'chromium';

/** Opens everything, and loads the page; `speed` is the emulator's. Close it in an `after` hook. */
export function openHarness({ speed = 100 } = {}) {
  return openResources(async (onClose) => {
    const emulator = await openEmulator({ speed });
    onClose(emulator.stop);
    const files = await unpackPackage();
    onClose(files.remove);
    const site = await startSite(files);
    onClose(site.stop);
    const browser = await openBrowser(engine);
    onClose(browser.close);
    const page = openPage(browser.driver, site);
    await page.open();
    return { engine, emulator, site, page, driver: browser.driver };
  });
}
