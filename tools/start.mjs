// `npm start`: sets up, builds, and serves the demo on this machine alone, against the emulator or,
// with AIMLAPI_KEY set, against the real service. `npm start -- --port N --speed N`

import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { build } from './build.mjs';
import { buildEmulator, demoKey, startEmulator } from './emulator.mjs';
import { main } from './main.mjs';
import { root } from './paths.mjs';
import { step } from './run.mjs';
import { serviceKey } from './service-key.mjs';
import { setUpBuild } from './setup.mjs';
import { serve } from './start/serve.mjs';

const host = '127.0.0.1';
const service = 'https://api.aimlapi.com';

await main(import.meta.url, async () => {
  const { port, speed } = options();
  const key = serviceKey();
  await mustBeFree(port);
  await build(await setUpBuild());
  const backend = key ? { mode: 'service', upstream: service, key } : await emulator(speed, port);
  await serve({ host, port, backend, folder: join(root, 'www') });
  console.log(`\nThe demo: http://${host}:${port}/`);
  console.log(
    key
      ? `It uses the real service, ${service}, with your key: every track is billed.`
      : `It uses the emulator, ${speed} times as fast as the service: no key, no network.`,
  );
});

function options() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '4747' },
      speed: { type: 'string', default: '8' },
    },
  });
  const port = Number(values.port);
  const speed = Number(values.speed);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error('--port: 1 to 65535');
  if (!(speed > 0 && speed < Infinity)) throw new Error('--speed: a number above 0');
  return { port, speed };
}

async function emulator(speed, port) {
  await step('building the emulator', buildEmulator);
  const { url, ended } = await startEmulator({
    speed,
    origins: [host, 'localhost'].map((name) => `http://${name}:${port}`),
  });
  ended.then((error) => {
    console.error(`✗ ${error.message}`);
    process.exit(1);
  });
  return { mode: 'emulator', speed, upstream: url, key: demoKey };
}

// Asked before the long work, so that nobody waits for a build to learn it.
function mustBeFree(port) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', ({ code }) => reject(new Error(`port ${port} cannot be used (${code}): npm start -- --port N`)));
    probe.listen(port, host, () => probe.close(resolve));
  });
}
