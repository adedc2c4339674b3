// Runs `npm run live` against an emulator, as a person would without a terminal.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { demoKey } from '../../tools/emulator.mjs';
import { root } from '../../tools/paths.mjs';

const timeout = 90_000;

/** Runs it to its end, with `--yes`. */
export async function runLive(emulator, args) {
  const all = ['--base-url', emulator.url, '--yes', ...args];
  const script = join(root, 'tools', 'live.mjs');
  const child = spawn(process.execPath, [script, ...all], { stdio: ['ignore', 'pipe', 'pipe'], timeout });
  const [output, said, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  assert.ok(!output.includes(demoKey) && !said.includes(demoKey), 'the key was printed');
  return { code, output, said };
}

/** Runs it with `--json`, and resolves to its exit code, what it said on the way, and what it printed. */
export async function runLiveAsJson(emulator, args = []) {
  const { code, output, said } = await runLive(emulator, ['--json', ...args]);
  assert.notEqual(output, '', said);
  const result = JSON.parse(output);
  const seen = Object.fromEntries(result.rows.map((row) => [row.name, row.seen]));
  const failed = result.rows.filter((row) => row.failed).map((row) => row.name);
  return { code, said, result, seen, failed };
}

/** What the emulator's ledger has of the submits: their statuses, the charged ids, and the looks at the logs. */
export async function spending(emulator) {
  const { requests, generations } = await emulator.ledger();
  const of = (method, path) => requests.filter((it) => it.method === method && it.path.startsWith(path));
  return {
    posts: of('POST', '/v2/').map(({ status }) => status),
    charged: generations.filter(({ charged }) => charged > 0).map(({ id }) => id),
    looks: of('GET', '/v2/logs').map(({ at }) => at),
  };
}

async function text(stream) {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return text;
}
