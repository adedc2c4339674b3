// Chromium by its DevTools protocol, over pipes. A WebDriver would make the page report each of its requests,
// which distorts the measurements.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { endChild, startChild } from '../../tests/support/children.mjs';
import { chromiumArgs } from '../../tests/browser/harness/capabilities.mjs';

/** Resolves to `send` and `event` for a blank page, and to `close`. */
export async function openDevTools({ binary }) {
  const profile = await mkdtemp(join(tmpdir(), 'stable-audio-bench-'));
  const args = [...chromiumArgs(), '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank'];
  const child = startChild(binary, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const { send, event } = connection(child);
  const close = async () => {
    await endChild(child);
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const { targetInfos } = await send('Target.getTargets');
    const { targetId } = targetInfos.find(({ type }) => type === 'page');
    const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
    return { send: (method, params) => send(method, params, sessionId), event, close };
  } catch (error) {
    await close();
    throw error;
  }
}

// Each message is JSON, terminated by a NUL.
function connection(child) {
  const [, , , input, output] = child.stdio;
  const pending = new Map();
  const awaitedEvents = new Map();
  let count = 0;
  let partial = [];
  output.on('data', (chunk) => {
    for (let end; (end = chunk.indexOf(0)) >= 0; chunk = chunk.subarray(end + 1)) {
      receive(JSON.parse(Buffer.concat([...partial, chunk.subarray(0, end)]).toString()));
      partial = [];
    }
    partial.push(chunk);
  });
  child.on('exit', () => pending.forEach(({ reject }) => reject(new Error('Chromium ended'))));

  function receive({ id, method, params, result, error }) {
    if (id === undefined) return awaitedEvents.get(method)?.(params);
    const { resolve, reject } = pending.get(id);
    pending.delete(id);
    return error ? reject(new Error(error.message)) : resolve(result);
  }

  return {
    send(method, params = {}, sessionId) {
      count += 1;
      input.write(`${JSON.stringify({ id: count, method, params, sessionId })}\0`);
      return new Promise((resolve, reject) => pending.set(count, { resolve, reject }));
    },
    /** The next event of that name. */
    event: (name) => new Promise((resolve) => awaitedEvents.set(name, resolve)),
  };
}
