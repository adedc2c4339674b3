// The three browser engines and their drivers: what this machine has, and Debian's where it may
// install them. Elsewhere the user installs a browser; Selenium fetches Chrome's driver by itself.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { searchPath } from '../paths.mjs';
import { step, which } from '../run.mjs';
import { canInstall, install } from './debian.mjs';

const debianPackages = {
  chromium: ['chromium', 'chromium-driver'],
  firefox: ['firefox-esr'],
  webkit: ['webkit2gtk-driver', 'xvfb'],
};

/** Installs the missing engines if it can, and says in a line what it cannot. */
export async function browsers() {
  const missing = absent();
  if (missing.length > 0 && canInstall()) {
    await step(`installing ${missing.join(', ')}`, () => install(missing.flatMap((name) => debianPackages[name])));
  }
  for (const name of absent()) console.log(`! ${name}: ${advice(name)}`);
}

/** Each engine's browser and driver, or undefined for an engine that is not here. */
export function engines() {
  return { chromium: chromium(), firefox: firefox(), webkit: webkit() };
}

/** How a person gets an engine that is missing. */
export function advice(name) {
  if (process.platform === 'linux') {
    return `not found; on Debian or Ubuntu: apt-get install ${debianPackages[name].join(' ')}`;
  }
  if (name === 'webkit') return 'not found; runs on Linux (WebKitGTK) and macOS (Safari)';
  return `not found; install ${name === 'firefox' ? 'Firefox' : 'Chrome or Chromium'}`;
}

function absent() {
  const found = engines();
  return Object.keys(found).filter((name) => !found[name]);
}

function chromium() {
  const binary = first(
    ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'],
    [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      ...programFiles('Google/Chrome/Application/chrome.exe'),
    ],
  );
  return binary && { binary, driver: which('chromedriver') };
}

function firefox() {
  const binary = first(
    ['firefox-esr', 'firefox'],
    ['/Applications/Firefox.app/Contents/MacOS/firefox', ...programFiles('Mozilla Firefox/firefox.exe')],
  );
  return binary && { binary, driver: which('geckodriver', searchPath) };
}

function webkit() {
  if (process.platform === 'darwin') return { driver: which('safaridriver') };
  const driver = which('WebKitWebDriver');
  const binary = miniBrowser();
  const xvfb = which('Xvfb');
  return driver && binary && xvfb && { binary, driver, xvfb };
}

function miniBrowser() {
  for (const base of ['/usr/lib', '/usr/libexec', '/usr/lib64']) {
    if (!existsSync(base)) continue;
    const folders = readdirSync(base).filter((name) => name.endsWith('-linux-gnu'));
    for (const folder of ['', ...folders]) {
      for (const api of ['webkitgtk-6.0', 'webkit2gtk-4.1', 'webkit2gtk-4.0']) {
        const file = join(base, folder, api, 'MiniBrowser');
        if (existsSync(file)) return file;
      }
    }
  }
  return undefined;
}

function first(names, files) {
  for (const name of names) {
    const found = which(name);
    if (found) return found;
  }
  return files.find((file) => existsSync(file));
}

function programFiles(path) {
  return [process.env.ProgramFiles, process.env['ProgramFiles(x86)'], process.env.LOCALAPPDATA]
    .filter(Boolean)
    .map((base) => join(base, path));
}
