// The same from a page of another origin: what the browser lets it send and read.

import { randomUUID } from 'node:crypto';

import { openBlankPage } from './browser.mjs';
import { countedWords, follow, NotSent, submit } from './generation.mjs';
import { fetchInPage, streamsInPage } from './in-page.mjs';
import { logsPath } from './logs.mjs';
import { saidOf } from './node.mjs';
import { endpoint, statusPath, submission } from './service.mjs';

// A script of the page is given up at 120 s.
const longestMs = 100_000;

export async function askPage(context, { browser: name, stream }) {
  let page;
  await context.rows.answer('page-reads', async () => {
    page = await openBlankPage(name);
    context.browser = `${name} ${page.version}`;
    return readsIn(context, page);
  });
  if (!page) return;
  try {
    const ask = asker(context, page);
    await askAdmitted(context, ask);
    if (context.unreadable) return;
    await askGeneration(context, { ask, from: name });
    if (stream) await askStreamed(context, { ask, page, from: `${name}, streamed` });
  } finally {
    await page.close();
  }
}

/** A function that makes one request in the page, with the key for the service's own, and throws what `fetch` rejects with. */
function asker({ service }, page) {
  return async (address, { headers, ...options } = {}) => {
    const isOurs = address.startsWith('/');
    const url = isOurs ? service.base + address : address;
    const all = isOurs ? { authorization: service.authorization, ...headers } : headers;
    const reply = await page.run(fetchInPage, url, { ...options, headers: all });
    if (!reply.error) return reply;
    throw Object.assign(new Error(reply.error), { read: reply.read });
  };
}

async function readsIn(context, page) {
  try {
    const reply = await asker(context, page)(statusPath(randomUUID()));
    return `yes: ${reply.status}`;
  } catch (error) {
    context.unreadable = true;
    throw error;
  }
}

async function askAdmitted({ rows, logs, admitted }, ask) {
  for (const name of ['x-client-request-id', 'idempotency-key']) {
    await rows.answer(`page-${name}`, async () => {
      const isSent = await ask(statusPath(randomUUID()), { headers: { [name]: randomUUID() } }).catch(() => undefined);
      if (!isSent) admitted.delete(name);
      return isSent ? 'yes' : 'no';
    });
  }
  await rows.answer('page-logs', async () => {
    await logs.turn();
    return `yes: ${(await ask(logsPath)).status}`;
  });
}

async function askGeneration(context, { ask, from }) {
  const { rows } = context;
  let generation;
  await rows.answer('page-submit', async () => {
    generation = await submit(context, orderOf(context, ask, { from }));
    return saidOf(generation);
  });
  if (!generation?.id) return;
  await rows.answer('page-headers', () => Object.keys(must(generation.reply).headers).toSorted().join(', '));
  await rows.answer('page-job', () => followed(context, ask, generation));
  const url = generation.audio?.url;
  if (!url) return;
  await rows.answer('page-file', async () => {
    const { status, length, headers } = await ask(url);
    return `yes: ${status}, ${length} bytes; readable headers: ${Object.keys(headers).toSorted().join(', ')}`;
  });
  await rows.answer('page-file-range', async () => {
    const { status, length } = await ask(url, { headers: { range: 'bytes=0-99' } });
    return `${status}: ${length} bytes`;
  });
}

async function askStreamed(context, { ask, page, from }) {
  let generation;
  await context.rows.answer('page-stream-submit', async () => {
    const send = (options) => streamed(page, () => ask(endpoint, { ...options, isStreamed: true }));
    generation = await submit(context, orderOf(context, ask, { from, send }));
    return saidOf(generation);
  });
  if (generation?.id) await context.rows.answer('page-stream-job', () => followed(context, ask, generation));
}

async function streamed(page, send) {
  if (!(await page.run(streamsInPage))) throw new NotSent('this engine streams no request');
  try {
    return await send();
  } catch (error) {
    if (error.read === 0) throw new NotSent(`${error.message}; the stream was not read, as over HTTP/1.1`);
    throw error;
  }
}

function orderOf({ admitted, service }, ask, { from, send = (options) => ask(endpoint, options) }) {
  const clientRequestId = admitted.has('x-client-request-id') ? randomUUID() : undefined;
  const headers = { 'content-type': 'application/json' };
  if (clientRequestId) headers['x-client-request-id'] = clientRequestId;
  const options = { method: 'POST', headers, body: submission, limitMs: Math.min(longestMs, service.pace.submitMs) };
  return { from, clientRequestId, send: () => send(options) };
}

async function followed(context, ask, generation) {
  await follow(context, generation, { poll: () => ask(statusPath(generation.id)) });
  return `${generation.outcome}: ${countedWords(generation.statuses)}`;
}

function must(reply) {
  if (!reply) throw new Error('its reply was lost');
  return reply;
}
