// A page of the benchmark in each engine: in Chromium by its DevTools protocol, in the others by WebDriver.

import { openBrowser } from '../../tests/browser/harness/engines.mjs';
import { openDevTools } from './devtools.mjs';

/**
 * Opens a browser of the engine. `load` loads the page afresh; `act` calls one of its actions.
 * `devTools` exists in Chromium only.
 */
export async function openPage(engine, found, url) {
  return engine === 'chromium' ? openChromium(found, url) : openOther(engine, url);
}

async function openChromium(found, url) {
  const devTools = await openDevTools(found);
  const evaluate = async (expression) => {
    const given = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails: failure } = await devTools.send('Runtime.evaluate', given);
    if (failure) throw new Error(failure.exception?.description ?? failure.text);
    return result.value;
  };
  await devTools.send('Page.enable');
  return {
    async load() {
      const loaded = devTools.event('Page.loadEventFired');
      await devTools.send('Page.navigate', { url });
      await loaded;
    },
    act: (name, given) => evaluate(`act(${JSON.stringify(name)}, ${JSON.stringify(given)})`),
    devTools,
    close: devTools.close,
  };
}

async function openOther(engine, url) {
  const { driver, close } = await openBrowser(engine);
  const script = `const done = arguments[arguments.length - 1];
    window.act(arguments[0], arguments[1]).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
  return {
    load: () => driver.get(url),
    async act(name, given) {
      const { value, error } = await driver.executeAsyncScript(script, name, given ?? {});
      if (error) throw new Error(error);
      return value;
    },
    close,
  };
}
