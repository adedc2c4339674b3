// Starts a Redis or Valkey for a test: on a free port of 127.0.0.1, without persistence.

import { tmpdir } from 'node:os';

import { redisAdvice, redisPrograms } from '../../../tools/setup/redis.mjs';
import { endChild, startChild } from '../../support/children.mjs';
import { freePort } from '../../support/free-port.mjs';
import { drivers } from './drivers.mjs';

const programs = redisPrograms();
const anyInstalled = Object.values(programs).some(Boolean);

/**
 * The servers: `skip` tells what is missing, or is false; `open` starts one with further command line flags.
 * With `CI` set one of them has to be installed, or the tests fail.
 */
export const servers = Object.entries(programs).map(([name, program]) => ({
  name,
  skip: missing(name, program),
  open: (...flags) => open(program, flags),
}));

/** Makes the reach of the store start some hours earlier. */
export async function hoursPass(run, hours) {
  const [seconds] = await run('TIME');
  const moment = await run('GET', 'stable-audio:reach');
  await run('SET', 'stable-audio:reach', moment.replace(/\d+$/, String(Number(seconds) - hours * 3600)));
}

function missing(name, program) {
  if (program) return false;
  if (anyInstalled) return `no ${name} on this machine`;
  return process.env.CI ? false : redisAdvice;
}

async function open(program, flags) {
  if (!program) throw new Error(redisAdvice);
  const port = await freePort();
  const own = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', tmpdir()];
  const child = startChild(program, [...own, ...flags].map(String), { stdio: ['ignore', 'pipe', 'inherit'] });
  await ready(child);
  const url = `redis://127.0.0.1:${port}`;
  const closing = [];
  return {
    url,
    async connect(driver) {
      const connection = await drivers[driver](url);
      closing.push(connection.close);
      return connection;
    },
    async stop() {
      for (const close of closing) close();
      await endChild(child);
    },
  };
}

async function ready(child) {
  let output = '';
  for await (const chunk of child.stdout) {
    output += chunk;
    if (/ready to accept connections/i.test(output)) {
      child.stdout.resume();
      return;
    }
  }
  throw new Error(`it did not start:\n${output}`);
}
