// The client and its competitors in a page: time, memory, thousands of generations at once, downloads.

import { measureAllocation } from './browser/allocation.mjs';
import { measureCpu } from './browser/cpu.mjs';
import { measureDownload } from './browser/download.mjs';
import { measureConcurrency } from './browser/concurrency.mjs';
import { measureModule, measureWaiting } from './browser/memory.mjs';
import { openPage } from './browser/pages.mjs';
import { startServer } from './browser/server.mjs';
import { buildEmulator } from '../tools/emulator.mjs';
import { step } from '../tools/run.mjs';
import { installCompetitors } from '../tools/setup/competitors.mjs';

export { report } from './browser/report.mjs';
export { figures } from './browser/figures.mjs';

const competitors = ['bare', 'replicate', 'fal', 'openai', 'ours'];

/** By engine: everything in Chromium; in the others what can be measured from within the page. */
export async function measure({ engines }) {
  await installCompetitors();
  await buildEmulator();
  const server = await startServer();
  const results = {};
  try {
    for (const [engine, found] of Object.entries(engines).filter(([, found]) => found)) {
      const page = await openPage(engine, found, server.url);
      const work = page.devTools ? measureInChromium : measureInPage;
      results[engine] = await step(`measuring in ${engine}`, () => work(page, server.url)).finally(page.close);
    }
  } finally {
    await server.stop();
  }
  return results;
}

async function measureInChromium(page, url) {
  return {
    cpu: await measureCpu(page, competitors),
    allocated: await measureAllocation(page, competitors),
    waiting: await measureWaiting(page, competitors, [1000, 10_000]),
    module: await measureModule(page),
    concurrency: await measureConcurrency(page, ['bare', 'ours'], [1000, 10_000]),
    download: await measureDownload(page, url),
  };
}

async function measureInPage(page, url) {
  return {
    cpu: await measureCpu(page, competitors),
    concurrency: await measureConcurrency(page, ['bare', 'ours'], [1000]),
    download: await measureDownload(page, url),
  };
}
