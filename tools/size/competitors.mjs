// What a user of a competitor's package ships: one program each in `bench/competitors`, one job in its own idiom.

import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';

import { folder, installCompetitors } from '../setup/competitors.mjs';
import { bundled } from './bundle.mjs';
import { weigh } from './weigh.mjs';

/** The programs, with the packages that each is made of. */
const programs = {
  'bare-fetch': [],
  replicate: ['replicate'],
  runway: ['@runwayml/sdk'],
  gradio: ['@gradio/client'],
  fal: ['@fal-ai/client'],
  openai: ['openai'],
  huggingface: ['@huggingface/inference'],
  ai: ['ai', '@ai-sdk/fal'],
  elevenlabs: ['@elevenlabs/elevenlabs-js'],
};
const nodes = [...builtinModules, 'node:*'];

/** The weights by name; without an installation, that of the bare fetch loop alone. */
export async function competitors() {
  const missing = await installCompetitors().catch((error) => error.message);
  if (missing) console.log(`! ${missing}`);
  const weights = {};
  for (const [file, packages] of Object.entries(programs)) {
    if (missing && packages.length > 0) continue;
    const versions = Object.fromEntries(await Promise.all(packages.map(version)));
    const weight = await weighed(join(folder, 'competitors', `${file}.mjs`));
    weights[packages.join(' + ') || 'a bare fetch loop'] = { ...weight, versions };
  }
  return weights;
}

async function weighed(file) {
  try {
    return weigh(await bundled({ entryPoints: [file] }));
  } catch {
    const bytes = await bundled({ entryPoints: [file] }, { external: nodes });
    return { ...weigh(bytes), note: "does not bundle for a browser; here without Node's modules" };
  }
}

async function version(name) {
  const manifest = JSON.parse(await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8'));
  return [name, manifest.version];
}
