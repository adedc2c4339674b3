// The compiler that `rust-toolchain.toml` names, which rustup fetches by itself when it is asked for; where
// it cannot, the one that the user has.

import { root } from '../paths.mjs';
import { capture, which } from '../run.mjs';

/** Sees to it that the programs started from here on have a compiler. */
export async function toolchain() {
  if (process.env.RUSTUP_TOOLCHAIN || !which('rustup') || (await works({}))) return;
  const { output } = await capture('rustup', ['default'], { cwd: root });
  const [, usual] = /^(\S+) \(default\)/m.exec(output) ?? [];
  if (!usual || !(await works({ RUSTUP_TOOLCHAIN: usual }))) return;
  console.log(`! rustup cannot provide what rust-toolchain.toml asks for; this is done with ${usual}`);
  process.env.RUSTUP_TOOLCHAIN = usual;
}

async function works(variables) {
  const options = { cwd: root, env: { ...process.env, ...variables } };
  const { code } = await capture('rustc', ['--version'], options).catch(() => ({}));
  return code === 0;
}
