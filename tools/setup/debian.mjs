// Debian packages, installed only where that needs no question: as root, with apt.

import { capture, run, which } from '../run.mjs';

let updated;
/** One installation at a time: apt holds a lock. */
let last = Promise.resolve();

export function canInstall() {
  return process.platform === 'linux' && process.getuid() === 0 && Boolean(which('apt-get'));
}

/** Installs those of the packages that are not there; what is there stays as it is. */
export function install(names) {
  last = last.catch(() => {}).then(() => installNow(names));
  return last;
}

async function installNow(names) {
  const lacking = [];
  for (const name of names) if (!(await isInstalled(name))) lacking.push(name);
  if (lacking.length === 0) return;
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  updated ??= run('apt-get', ['update', '-qq'], options);
  await updated;
  const flags = ['-qq', '--yes', '-o=Dpkg::Use-Pty=0', '--no-install-recommends'];
  await run('apt-get', ['install', ...flags, ...lacking], options);
}

async function isInstalled(name) {
  const { code, output } = await capture('dpkg-query', ['--show', '--showformat=${db:Status-Status}', name]);
  return code === 0 && output === 'installed';
}
