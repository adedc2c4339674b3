// Server halves in separate processes, and a mock service over HTTP that survives them.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

import { forkChild, killChild } from '../../support/children.mjs';
import { listen } from '../../support/listen.mjs';
import { sendTo } from './asking.mjs';

const file = fileURLToPath(new URL('process.mjs', import.meta.url));

/** Starts a server half whose time advances only when a test says so. */
export async function startProcess(...given) {
  const { child, message: url } = await forkChild(file, given);
  const tell = async (...order) => {
    const done = once(child, 'message');
    child.send(order);
    await done;
  };
  return {
    tell,
    /** Sends the request; resolves to the answer. */
    ask: (request) => sendTo(url, request),
    /** Advances the time of the process until the promise has settled. */
    async settle(promise) {
      const state = { settled: false };
      const done = () => {
        state.settled = true;
      };
      promise.then(done, done);
      while (!state.settled) await tell('advance', 1000);
      return promise;
    },
    /** Ends it as a crash does. */
    kill: () => killChild(child),
  };
}

/** Accepts each submit at once, and responds when `answer` is called; `rows` are its logs. */
export async function openHttpService() {
  const submits = [];
  const rows = [];
  const held = [];
  const server = createServer((request, response) => {
    request.resume();
    const json = (status, value) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    if (request.url.startsWith('/v2/logs')) return json(200, { data: rows });
    const id = `generation-${submits.length + 1}`;
    submits.push(id);
    rows.push({ client_request_id: request.headers['x-client-request-id'], inference_id: id });
    return held.push(() => json(201, { id, status: 'queued' }));
  });
  const { url, close } = await listen(server);
  return {
    url,
    submits,
    rows,
    held,
    answer: () => held.splice(0).forEach((answer) => answer()),
    close,
  };
}
