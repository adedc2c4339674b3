// Debian packages, installed only where that needs no question: as root, with apt.

import { run, which } from '../run.mjs';

let updated;

export function canInstall() {
  return process.platform === 'linux' && process.getuid() === 0 && Boolean(which('apt-get'));
}

export async function install(names) {
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  updated ??= run('apt-get', ['update', '-qq'], options);
  await updated;
  const flags = ['-qq', '--yes', '-o=Dpkg::Use-Pty=0', '--no-install-recommends'];
  await run('apt-get', ['install', ...flags, ...names], options);
}
