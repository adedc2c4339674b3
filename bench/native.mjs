// Runs the benches that are a Rust program: `protocol`'s own rules, under a simulated clock.

import { root } from '../tools/paths.mjs';
import { capture } from '../tools/run.mjs';

/** What the program prints for one of them, as data. */
export async function measureNatively(name) {
  const cargo = ['run', '--quiet', '--profile', 'simulate', '-p', 'stable-audio-cadence'];
  const { code, output } = await capture('cargo', [...cargo, '--', name], { cwd: root });
  if (code !== 0) throw new Error(output);
  return JSON.parse(output.slice(output.indexOf('{')));
}
