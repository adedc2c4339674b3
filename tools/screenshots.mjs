// `npm run screenshots`: photographs the demo and the extension for the README, with the emulator for a
// service, in Chromium. They are kept in `www/screenshots/`.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { main } from './main.mjs';
import { root } from './paths.mjs';

const folder = join(root, 'www', 'screenshots');
const picture = (name) => join(folder, `${name}.png`);

// In CSS pixels; the screenshots have as many.
const desktop = { width: 1120, height: 780 };
const views = {
  'demo-desktop': { ...desktop, dark: false },
  'demo-desktop-dark': { ...desktop, dark: true },
  'demo-phone-dark': { width: 390, height: 844, dark: true },
};
const panel = { width: 400, height: 900 };

await main(import.meta.url, async () => {
  // Imported here, when npm's packages are certain to be there.
  const { openDemo } = await import('../tests/browser/demo/open.mjs');
  const { openExtension } = await import('../tests/extension/open.mjs');
  await mkdir(folder, { recursive: true });
  await photographDemo(openDemo);
  await photographExtension(openExtension);
});

async function photographDemo(openDemo) {
  const demo = await openDemo('chromium', { speed: 10 });
  const { page } = demo;
  try {
    await page.open();
    await page.show({ ...desktop, dark: false });
    await page.generate({ prompt: 'Lo-fi piano in the rain', secondsTotal: 30, steps: 100 });
    await page.until('completed');
    await page.waitFor(() => Boolean(document.querySelector('.wave > div')), 'the waveform is drawn');
    // The middle of the track.
    await page.read(() => (document.querySelector('audio').currentTime = 11));
    await page.generate({ prompt: 'Warm synth, 120 bpm', steps: 400 });
    await page.until('generating');
    await page.read(() => {
      document.activeElement.blur();
      scrollTo(0, 0);
      document.querySelector('.advanced').open = false;
    });
    await page.waitFor(() => document.querySelectorAll('.account:not([hidden])').length === 2, 'the ledger is read');
    for (const [name, shown] of Object.entries(views)) {
      await page.show(shown);
      await page.shoot(name, folder);
    }
  } finally {
    await demo.close();
  }
}

async function photographExtension(openExtension) {
  const extension = await openExtension('chromium', { speed: 10 });
  const { emulator, browser } = extension;
  try {
    await extension.start();
    await emulator.plan({ submit: [{ finish: true }] });
    await browser.goTo('panel.html');
    await extension.generate({ prompt: 'Slow, dark ambient', secondsTotal: 20 });
    await extension.until('completed');
    await extension.generate({ prompt: 'The sea at night, heard from a lighthouse', secondsTotal: 45 });
    await extension.until('queued');
    await browser.shoot(picture('extension-panel'), { ...panel, dark: false });
    await browser.goTo('panel.html?popup');
    await browser.shoot(picture('extension-popup'), { width: 416, height: 600, dark: false });
  } finally {
    await extension.close();
  }
}
