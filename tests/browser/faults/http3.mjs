// The program that takes requests over HTTP/3: it prints each, and does what it is told in return.

import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { main } from '../../../tools/main.mjs';
import { root } from '../../../tools/paths.mjs';
import { run } from '../../../tools/run.mjs';
import { endChild, startChild } from '../harness/children.mjs';

const target = join(root, 'target');
const program = join(target, 'debug', process.platform === 'win32' ? 'http3-front.exe' : 'http3-front');

export async function buildHttp3() {
  await run('cargo', ['build', '--package', 'http3-front', '--quiet', '--target-dir', target], { cwd: root });
}

/**
 * Starts it; `meet` takes each request, and gives `{ reply }`, `{ fault }` or nothing. After `silence(true)`
 * it acknowledges nothing more, until `silence(false)`.
 */
export async function startHttp3(meet) {
  const child = startChild(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
  // Whoever asked may be gone before the answer, and the program with it.
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout });
  const [first] = await once(lines, 'line', { signal: AbortSignal.timeout(10_000) });
  const tell = (order) => child.stdin.write(`${JSON.stringify(order)}\n`);
  lines.on('line', (line) => {
    const { id, ...request } = JSON.parse(line);
    const answer = meet(request);
    if (answer) tell({ id, ...answer });
  });
  return { ...JSON.parse(first), silence: (silent) => tell({ silent }), stop: () => endChild(child) };
}

await main(import.meta.url, buildHttp3);
