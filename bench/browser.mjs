// The client in a page beside a bare loop and its peers: time, memory, thousands at once, downloads.

import { measureAllocation } from './browser/allocation.mjs';
import { measureCpu } from './browser/cpu.mjs';
import { measureDownload } from './browser/download.mjs';
import { measureFlight } from './browser/flight.mjs';
import { measureModule, measureWaiting } from './browser/memory.mjs';
import { openPage } from './browser/pages.mjs';
import { startServer } from './browser/server.mjs';
import { buildEmulator } from '../tools/emulator.mjs';
import { step } from '../tools/run.mjs';
import { installCompetitors } from '../tools/setup/competitors.mjs';

export { report } from './browser/report.mjs';
export { figures } from './browser/figures.mjs';

const contenders = ['bare', 'replicate', 'fal', 'openai', 'ours'];

/** By engine: everything in Chromium, in the others what can be seen from within the page. */
export async function measure({ engines }) {
  await installCompetitors();
  await buildEmulator();
  const server = await startServer();
  const results = {};
  try {
    for (const [engine, found] of Object.entries(engines).filter(([, found]) => found)) {
      const page = await openPage(engine, found, server.url);
      const work = page.tools ? inChromium : elsewhere;
      results[engine] = await step(`measuring in ${engine}`, () => work(page, server.url)).finally(page.close);
    }
  } finally {
    await server.stop();
  }
  return results;
}

async function inChromium(page, url) {
  return {
    cpu: await measureCpu(page, contenders),
    allocated: await measureAllocation(page, contenders),
    waiting: await measureWaiting(page, contenders, [1000, 10_000]),
    module: await measureModule(page),
    flight: await measureFlight(page, ['bare', 'ours'], [1000, 10_000]),
    download: await measureDownload(page, url),
  };
}

async function elsewhere(page, url) {
  return {
    cpu: await measureCpu(page, contenders),
    flight: await measureFlight(page, ['bare', 'ours'], [1000]),
    download: await measureDownload(page, url),
  };
}
