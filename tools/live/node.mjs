// A generation from Node, and one with a streamed body.

import { randomUUID } from 'node:crypto';

import { objectOf } from './exchange.mjs';
import { askFile } from './file.mjs';
import { countedWords, follow, submit } from './generation.mjs';
import { endpoint, statusPath, submission } from './service.mjs';
import { brief, formOf, headersOf, inferenceOf, time } from './format.mjs';

export async function askNode(context) {
  const { service, rows, balance } = context;
  await context.logs.rest();
  await balance.note('before');
  const generation = await submit(context, orderOf(service, { from: 'Node', body: submission, send: service.send }));
  await balance.note('submitted');
  await aboutSubmit(rows, generation);
  if (!generation.id) return;
  context.first = generation;
  await rows.answer('job-duration', async () => {
    await follow(context, generation, { poll: () => service.read(statusPath(generation.id)), looks: true });
    const whole = time(generation.endedAt - generation.start);
    return `${generation.outcome} ${whole} after the submit was sent; asked every ${time(service.pace.pollMs)}`;
  });
  await balance.note('ended');
  await aboutPolls(rows, generation);
  await rows.answer('metrics', () => askMetrics(service, generation));
  if (generation.audio?.url) await askFile(context, generation.audio);
}

export async function askNodeStreamed(context) {
  const { service, rows } = context;
  let generation;
  await rows.answer('stream-submit', async () => {
    const send = context.isHttp2 ? service.sendOverHttp2 : service.send;
    generation = await submit(context, orderOf(service, { from: 'Node, streamed', body: [submission], send }));
    return `${saidOf(generation)}, over ${context.isHttp2 ? 'HTTP/2' : 'HTTP/1.1, chunked'}`;
  });
  if (!generation?.id) return;
  await rows.answer('stream-job', async () => {
    await follow(context, generation, { poll: () => service.read(statusPath(generation.id)) });
    return generation.outcome;
  });
}

/** What a submit came to, in a few words. */
export function saidOf({ heard, outcome, reply, error, submitMs }) {
  const parts = [error ? `${heard} (${error})` : heard, reply?.status, `in ${time(submitMs)}`];
  if (heard === 'unknown')
    parts.push(outcome === heard ? 'and not found in the logs' : `then found in the logs: ${outcome}`);
  return parts.filter(Boolean).join(', ');
}

function orderOf({ authorization, pace }, { from, body, send }) {
  const clientRequestId = randomUUID();
  const headers = { authorization, 'content-type': 'application/json', 'x-client-request-id': clientRequestId };
  const options = { method: 'POST', headers, body, limitMs: pace.submitMs };
  return { from, clientRequestId, send: () => send(endpoint, options) };
}

async function aboutSubmit(rows, generation) {
  const { id, reply, clientRequestId } = generation;
  await rows.answer('submit-status', () => {
    const fields = reply ? `; {${Object.keys(objectOf(reply)).join(', ')}}` : '';
    const word = reply && objectOf(reply).status;
    const said = generation.outcome === 'refused' ? `; ${brief(reply.text)}` : '';
    return `${saidOf(generation)}${word ? `, \`${word}\`` : ''}${fields}${said}`;
  });
  await rows.answer('submit-duration', () => time(generation.submitMs));
  if (id) await rows.answer('submit-id', () => formOf(id));
  if (!reply) return;
  await rows.answer('submit-inference-id', () => inferenceOf(reply, id));
  await rows.answer('submit-client-request-id', () => {
    const told = reply.headers['x-client-request-id'];
    return told === clientRequestId ? 'yes' : `no: ${told ?? 'no x-client-request-id'}`;
  });
  await rows.answer('submit-price', () => {
    const price = headersOf(reply, ['x-aimlapi-credits-used', 'x-aimlapi-usd-spent'], 'no header');
    return `${price}; meta: ${JSON.stringify(objectOf(reply).meta) ?? 'none'}`;
  });
  await rows.answer('submit-headers', () => Object.keys(reply.headers).toSorted().join(', '));
}

async function aboutPolls(rows, { id, statuses, polls }) {
  await rows.answer('poll-statuses', () => countedWords(statuses));
  const last = polls.at(-1);
  if (!last) return;
  await rows.answer('poll-inference-id', () => inferenceOf(last, id));
  await rows.answer('poll-caching', () => {
    const names = ['cache-control', 'expires', 'etag', 'age', 'vary', 'cf-cache-status'];
    return headersOf(last, names, 'no header says anything');
  });
  await rows.answer('exposed-headers', () => {
    const exposed = last.headers['access-control-expose-headers'] ?? 'none';
    return `${exposed}; retry-after: ${/\bretry-after\b|\*/i.test(exposed) ? 'yes' : 'no'}`;
  });
}

async function askMetrics({ send }, generation) {
  const reply = await send('/models/metrics?aliases=stable-audio');
  if (reply.status !== 200) return `${reply.status}: ${brief(reply.text)}`;
  const { models = [], window_seconds: window } = objectOf(reply);
  const { duration_ms: told } = models[0]?.metrics ?? {};
  const own = `here the submit took ${time(generation.submitMs)}, all of it ${time(generation.endedAt - generation.start)}`;
  return `${told ? `${JSON.stringify(told)} of ${window} s` : 'no figures'}; ${own}`;
}
