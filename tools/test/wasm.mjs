// Runs the module's own tests in one browser engine, with wasm-bindgen's runner.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { root } from '../paths.mjs';

const driverVariables = {
  chromium: 'CHROMEDRIVER',
  firefox: 'GECKODRIVER',
  webkit: 'SAFARIDRIVER',
};

export async function wasmTests({ engine, browser, env, start }) {
  // Imported here, when npm's packages are certain to be there.
  const { driverPath, startDisplay } = await import('../../tests/browser/harness/engines.mjs');
  const { capabilities } = await import('../../tests/browser/harness/capabilities.mjs');
  const { endChild } = await import('../../tests/browser/harness/children.mjs');

  const { browserName: _, ...wanted } = capabilities(engine, browser);
  await writeFile(join(root, 'webdriver.json'), JSON.stringify(wanted));
  const driver = await driverPath(browser, capabilities(engine, browser));
  const display = browser.xvfb && (await startDisplay(browser.xvfb));
  try {
    const target = ['--target', 'wasm32-unknown-unknown'];
    return await start(['cargo', 'test', '--package', 'stable-audio-client', ...target], {
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
