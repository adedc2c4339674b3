// The HTTP/3 server, a program that prints each request and reads the response to it.

import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { main } from '../../../tools/main.mjs';
import { root } from '../../../tools/paths.mjs';
import { run } from '../../../tools/run.mjs';
import { endChild, startChild } from '../../support/children.mjs';

const target = join(root, 'target');
const program = join(target, 'debug', process.platform === 'win32' ? 'http3-front.exe' : 'http3-front');

export async function buildHttp3() {
  await run('cargo', ['build', '--package', 'http3-front', '--quiet', '--target-dir', target], { cwd: root });
}

/**
 * Starts it; `respond` takes each request, and gives `{ reply }`, `{ fault }` or nothing. After `silence(true)`
 * the server acknowledges nothing, until `silence(false)`.
 */
export async function startHttp3(respond) {
  const child = startChild(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
  // The program may have ended before a response is written to it.
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout });
  const [first] = await once(lines, 'line', { signal: AbortSignal.timeout(10_000) });
  const send = (message) => child.stdin.write(`${JSON.stringify(message)}\n`);
  lines.on('line', (line) => {
    const { id, ...request } = JSON.parse(line);
    const answer = respond(request);
    if (answer) send({ id, ...answer });
  });
  return { ...JSON.parse(first), silence: (silent) => send({ silent }), stop: () => endChild(child) };
}

await main(import.meta.url, buildHttp3);
