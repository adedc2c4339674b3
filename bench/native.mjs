// Runs the benchmarks that are a Rust program: the rules of `protocol`, under a simulated clock.

import { root } from '../tools/paths.mjs';
import { capture } from '../tools/run.mjs';

/** The data that the program prints for one of them. */
export async function measureNatively(name) {
  const cargo = ['run', '--quiet', '--profile', 'simulate', '-p', 'stable-audio-cadence'];
  const { code, output } = await capture('cargo', [...cargo, '--', name], { cwd: root });
  if (code !== 0) throw new Error(output);
  return JSON.parse(output.slice(output.indexOf('{')));
}
