// What a user ships: programs of one job each, bundled from the packed package.

import { mkdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { unpackPackage } from '../../tests/support/packed-package.mjs';
import { bundled } from './bundle.mjs';
import { weigh } from './weigh.mjs';

const construct = "const client = new StableAudio({ apiKey: 'key' });";
const one = "client.generate('rain on a tin roof').then(console.log);";

const programs = {
  client: `import { StableAudio } from 'stable-audio-client'; ${construct} ${one}`,
  generateAudio: `import { generateAudio } from 'stable-audio-client';
generateAudio('rain on a tin roof', { apiKey: 'key' }).then(console.log);`,
  slim: `import { StableAudio, ready } from 'stable-audio-client/slim';
ready(fetch('/core.wasm')); ${construct} ${one}`,
  'client with jobs': `import { StableAudio } from 'stable-audio-client';
import { extensionStorage, openJobs } from 'stable-audio-client/jobs';
${construct} const jobs = openJobs({ client, storage: globalThis.chrome && extensionStorage(chrome.storage.local) });
jobs.subscribe(console.log); jobs.add('rain on a tin roof');`,
  'isStableAudioError of slim': `import { isStableAudioError } from 'stable-audio-client/slim';
console.log(isStableAudioError(1));`,
};

/**
 * The weights: `client`, which is bounded, `client with jobs`, of which what is more than that is,
 * `generateAudio`, `slim`, what a page loads at first that imports the rest later, and `slim with
 * core.wasm`, the file that it fetches.
 */
export async function consumers() {
  return withInstalled(async (installed) => {
    const files = {};
    for (const name of Object.keys(programs)) files[name] = await programOf(name, installed);
    const core = await readFile(join(installed, 'dist', 'core.wasm'));
    const weights = Object.entries(files).map(([name, bytes]) => [name, weigh(bytes)]);
    return { ...Object.fromEntries(weights), 'slim with core.wasm': weigh(files.slim, core) };
  });
}

/** One of the programs as its user ships it, with the package that is `installed` in a project. */
export function programOf(name, installed) {
  return bundled({ stdin: { contents: programs[name], resolveDir: dirname(dirname(installed)) } });
}

/** Gives `use` the folder of the packed package, installed in a project. */
export async function withInstalled(use) {
  const { folder, remove } = await unpackPackage();
  try {
    const installed = join(dirname(folder), 'node_modules', 'stable-audio-client');
    await mkdir(dirname(installed));
    await rename(folder, installed);
    return await use(installed);
  } finally {
    await remove();
  }
}
