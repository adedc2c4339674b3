// When to ask: `protocol`'s own rule and its peers', under a simulated clock. A Rust program.

import { root } from '../../scripts/places.mjs';
import { run } from '../../scripts/run.mjs';

export async function bench({ name, args }) {
  const cargo = ['run', '--quiet', '--profile', 'simulate', '-p', 'stable-audio-cadence'];
  await run('cargo', [...cargo, '--', name, ...args], { cwd: root });
}
