// Starts a browser of one of the three engines, through its own driver.

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { Builder, Capabilities } from 'selenium-webdriver';
import { getBinaryPaths } from 'selenium-webdriver/common/driverFinder.js';

import { advice, engines } from '../../../tools/setup/browsers.mjs';
import { endChild, startChild, startServerProgram } from '../../support/children.mjs';
import { capabilities } from './capabilities.mjs';
import { withBrowserOutput } from './browser-log.mjs';

const startTimeoutMs = 60_000;

/** Opens `chromium`, `firefox` or `webkit`; resolves to its WebDriver and a way to close it. */
export async function openBrowser(name, { trust } = {}) {
  const found = engines()[name];
  if (!found) throw new Error(`${name}: ${advice(name)}`);
  const wanted = capabilities(name, found, { trust });
  const display = found.xvfb && (await startDisplay(found.xvfb));
  const service = await startDriver(await driverPath(found, wanted), display?.env);
  const close = async (driver) => {
    await Promise.race([driver?.quit().catch(() => {}), sleep(5000, undefined, { ref: false })]);
    await service.stop();
    if (display) await endChild(display.child);
  };
  try {
    const driver = withBrowserOutput(await connect(service.url, wanted), service.output);
    return { driver, close: () => close(driver) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The driver on this machine, else the one that Selenium fetches for the browser. */
export async function driverPath({ driver }, wanted) {
  return driver ?? getBinaryPaths(new Capabilities(wanted)).driverPath;
}

/** Starts a virtual screen, for the engine that has no headless mode. */
export async function startDisplay(xvfb) {
  const flags = ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'];
  const child = startChild(xvfb, flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const [number] = await once(child.stdio[3], 'data', {
    signal: AbortSignal.timeout(startTimeoutMs),
  });
  return { child, env: { ...process.env, DISPLAY: `:${String(number).trim()}` } };
}

function startDriver(program, env = process.env) {
  const stdio = ['ignore', 'ignore', 'pipe'];
  return startServerProgram(program, (port) => [`--port=${port}`], { isReady, timeoutMs: startTimeoutMs, stdio, env });
}

async function isReady(url) {
  const reply = await fetch(`${url}/status`).catch(() => undefined);
  return Boolean(reply?.ok);
}

async function connect(url, wanted) {
  const driver = new Builder().usingServer(url).withCapabilities(wanted).build();
  const late = sleep(startTimeoutMs, undefined, { ref: false }).then(() => {
    throw new Error('the browser did not start');
  });
  await Promise.race([driver.getSession(), late]);
  await driver.manage().setTimeouts({ script: 120_000, pageLoad: 30_000 });
  return driver;
}
