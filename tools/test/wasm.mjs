// Builds the module's own tests, and runs them in one browser engine, with wasm-bindgen's runner.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { root } from '../paths.mjs';

const command = ['cargo', 'test', '--package', 'stable-audio-client', '--target', 'wasm32-unknown-unknown'];
const driverVariables = {
  chromium: 'CHROMEDRIVER',
  firefox: 'GECKODRIVER',
  webkit: 'SAFARIDRIVER',
};

/** Builds them, and says once for all engines how these are to be started. */
export async function buildWasmTests({ engines, env, start }) {
  const { capabilities } = await import('../../tests/browser/harness/capabilities.mjs');
  // Each driver reads what has the prefix of its own engine.
  const wanted = Object.entries(engines)
    .filter(([, browser]) => browser)
    .flatMap(([engine, browser]) => Object.entries(capabilities(engine, browser)))
    .filter(([name]) => name.includes(':'));
  await writeFile(join(root, 'webdriver.json'), JSON.stringify(Object.fromEntries(wanted)));
  return start([...command, '--no-run'], env);
}

export async function wasmTests({ engine, engines, env, start }) {
  // Imported here, when npm's packages are certain to be there.
  const { driverPath, startDisplay } = await import('../../tests/browser/harness/engines.mjs');
  const { capabilities } = await import('../../tests/browser/harness/capabilities.mjs');
  const { endChild } = await import('../../tests/support/children.mjs');

  const browser = engines[engine];
  const driver = await driverPath(browser, capabilities(engine, browser));
  const display = browser.xvfb && (await startDisplay(browser.xvfb));
  try {
    return await start(command, {
      ...env,
      // Its own 20 s are short for a debug build on a busy machine.
      WASM_BINDGEN_TEST_TIMEOUT: '120',
      DISPLAY: display?.env.DISPLAY ?? env.DISPLAY,
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: 'wasm-bindgen-test-runner',
      [driverVariables[engine]]: driver,
    });
  } finally {
    if (display) await endChild(display.child);
  }
}
