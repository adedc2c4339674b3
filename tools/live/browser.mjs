// A page of another origin than the service's, in a real browser.

import { createServer } from 'node:http';

import { listen } from '../../tests/support/listen.mjs';

/** Opens a blank page of this machine in that browser; `run` runs a function there with JSON values. */
export async function openBlankPage(name) {
  // Imported here: Selenium is not needed without a browser.
  const { openBrowser } = await import('../../tests/browser/harness/engines.mjs');
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><link rel="icon" href="data:,"><title>live</title>');
  });
  const { url, close } = await listen(server);
  let browser;
  try {
    browser = await openBrowser(name);
    await browser.driver.get(`${url}/`);
    const capabilities = await browser.driver.getCapabilities();
    return {
      version: capabilities.get('browserVersion'),
      run: (work, ...values) => run(browser.driver, work, values),
      close: () => browser.close().finally(close),
    };
  } catch (error) {
    await browser?.close();
    await close();
    throw error;
  }
}

async function run(driver, work, values) {
  const script = `const done = arguments[arguments.length - 1];
    Promise.resolve((${work})(...JSON.parse(arguments[0])))
      .then((value) => done(JSON.stringify({ value })), (error) => done(JSON.stringify({ error: String(error) })));`;
  const { value, error } = JSON.parse(await driver.executeAsyncScript(script, JSON.stringify(values)));
  if (error) throw new Error(error);
  return value;
}
