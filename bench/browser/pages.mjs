// A page of the bench in each engine: Chromium's through its DevTools protocol, the others' through
// their drivers.

import { openBrowser } from '../../tests/browser/harness/engines.mjs';
import { openDevTools } from './devtools.mjs';

/**
 * Opens a browser of the engine. `load` loads the page afresh; `act` calls one of its actions.
 * `tools` are Chromium's alone.
 */
export async function openPage(engine, found, url) {
  return engine === 'chromium' ? openChromium(found, url) : openOther(engine, url);
}

async function openChromium(found, url) {
  const tools = await openDevTools(found);
  const evaluate = async (expression) => {
    const given = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails: failure } = await tools.send('Runtime.evaluate', given);
    if (failure) throw new Error(failure.exception?.description ?? failure.text);
    return result.value;
  };
  await tools.send('Page.enable');
  return {
    async load() {
      const loaded = tools.event('Page.loadEventFired');
      await tools.send('Page.navigate', { url });
      await loaded;
    },
    act: (name, given) => evaluate(`act(${JSON.stringify(name)}, ${JSON.stringify(given)})`),
    tools,
    close: tools.close,
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
