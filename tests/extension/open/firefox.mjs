// The extension in Firefox, as a temporary add-on.

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { Builder, By, Key } from 'selenium-webdriver';
import firefox from 'selenium-webdriver/firefox.js';

const uuid = '6f1c9d0e-3b52-4d43-9c0a-2f4b8a7f5e11';
const base = `moz-extension://${uuid}/`;

/** Opens a browser with the extension of `folder`; an idle background is killed after `idleMs`. */
export async function openFirefox({ binary, driver: program }, folder, { idleMs = 30_000 } = {}) {
  const manifest = JSON.parse(await readFile(join(folder, 'firefox', 'manifest.json'), 'utf8'));
  const { id } = manifest.browser_specific_settings.gecko;
  const zip = (await readdir(folder)).find((name) => /^firefox-.*\.zip$/.test(name));
  const options = new firefox.Options()
    .setBinary(binary)
    .addArguments('-headless')
    .setPreference('extensions.webextensions.uuids', JSON.stringify({ [id]: uuid }))
    .setPreference('extensions.background.idle.timeout', idleMs);
  const driver = await new Builder()
    .forBrowser('firefox')
    .setFirefoxOptions(options)
    .setFirefoxService(new firefox.ServiceBuilder(program).addArguments('--allow-system-access'))
    .build();
  await driver.manage().setTimeouts({ script: 30_000, pageLoad: 30_000 });
  await driver.installAddon(join(folder, zip), true);
  const inPage = async (work, ...values) => {
    // As text: the page's policy forbids to evaluate any.
    const script = `const done = arguments[arguments.length - 1];
      Promise.resolve().then(() => (${work})(...${JSON.stringify(values)})).then(
        (value) => done({ value: JSON.stringify(value) }), (error) => done({ error: String(error) }));`;
    const { value, error } = await driver.executeAsyncScript(script);
    if (error) throw new Error(error);
    return value && JSON.parse(value);
  };
  // A driver may not go to an extension's page: the browser itself may.
  const goTo = async (path) => {
    await driver.executeScript(leave);
    await driver.setContext(firefox.Context.CHROME);
    await driver.executeScript(load, base + path);
    await driver.setContext(firefox.Context.CONTENT);
    await driver.wait(() => driver.executeScript(isThere, base + path).catch(() => false), 10_000, path);
  };
  return {
    /** Leaves the extension's pages; the driver holds pages alone, not a background. */
    detach: () => driver.get('about:blank'),
    attach: async () => {},
    /** The addresses of all tabs. */
    async addresses() {
      await driver.setContext(firefox.Context.CHROME);
      const addresses = await driver.executeScript(tabAddresses);
      await driver.setContext(firefox.Context.CONTENT);
      return addresses;
    },
    goTo,
    inPage,
    addScript: (text) => driver.executeScript(text),
    async doubleClick(css) {
      const element = await driver.findElement(By.css(css));
      await driver.executeScript('arguments[0].scrollIntoView({ block: "center" })', element);
      await driver.actions().doubleClick(element).perform();
    },
    /** Holds Ctrl and Enter so long that Enter comes `times` times. */
    async hold(css, { times }) {
      await inPage((wanted) => document.querySelector(wanted).focus(), css);
      let actions = driver.actions().keyDown(Key.CONTROL);
      for (let count = 0; count < times; count += 1) actions = actions.keyDown(Key.ENTER);
      await actions.keyUp(Key.ENTER).keyUp(Key.CONTROL).perform();
    },
    select: (text) =>
      inPage(async (selectionText) => {
        const background = await globalThis.browser.runtime.getBackgroundPage();
        background.generateFromSelection({ selectionText });
      }, text),
    /** Kills the background as the browser does. */
    async kill() {
      await driver.setContext(firefox.Context.CHROME);
      await driver.executeAsyncScript(kill, id);
      await driver.setContext(firefox.Context.CONTENT);
    },
    resize: (size) => driver.manage().window().setRect(size),
    close: () => driver.quit(),
  };
}

// These two run in the page. The one that is left may be of the same address as the next.
function leave() {
  document.documentElement.dataset.left = '';
}

function isThere(url) {
  return location.href === url && document.readyState === 'complete' && !('left' in document.documentElement.dataset);
}

// These run in the browser's own window. The driver holds its first tab; the extension may
// have opened its options in another.
function load(url) {
  const triggeringPrincipal = globalThis.Services.scriptSecurityManager.getSystemPrincipal();
  const [own, ...others] = globalThis.gBrowser.tabs;
  globalThis.gBrowser.selectedTab = own;
  for (const tab of others) globalThis.gBrowser.removeTab(tab);
  globalThis.gBrowser.selectedBrowser.fixupAndLoadURIString(url, { triggeringPrincipal });
}

function tabAddresses() {
  return globalThis.gBrowser.tabs.map((tab) => tab.linkedBrowser.currentURI.spec);
}

function kill(id, done) {
  // Also while it is at work, as a crash does.
  const forced = { ignoreDevToolsAttached: true, disableResetIdleForTest: true };
  globalThis.WebExtensionPolicy.getByID(id).extension.terminateBackground(forced).then(done);
}
