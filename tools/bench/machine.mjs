// What was measured on.

import { cpus } from 'node:os';

import { capture } from '../run.mjs';

/** `{ date, machine }`: the day, and the processor with the engines' versions. */
export async function machine(engines) {
  const [{ model }, ...others] = cpus();
  const processor = `${others.length + 1} × ${model.trim()}`;
  const found = Object.entries(engines).filter(([, engine]) => engine?.binary);
  const browsers = await Promise.all(found.map(([name, { binary }]) => version(name, binary)));
  const date = new Date().toISOString().slice(0, 10);
  return { date, machine: [processor, ...browsers, `Node ${process.versions.node}`].join(', ') };
}

// WebKitGTK's browser tells none without a screen.
async function version(engine, binary) {
  const { output } = await capture(binary, ['--version']);
  return /^[A-Z][A-Za-z ]* \d+\.[\w.]+/m.exec(output)?.[0] ?? engine;
}
