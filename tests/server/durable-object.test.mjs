// The example of a Durable Object as a store, in workerd: what its storage keeps over the Worker's end.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { lookup, sendTo, submit, uuid } from './support/asking.mjs';
import { waitUntil } from '../support/wait-until.mjs';
import { openHttpService } from './support/processes.mjs';
import { bundleWorker } from './support/workerd.mjs';

const example = fileURLToPath(new URL('../../www/examples/cloudflare-durable-object/', import.meta.url));
const entry = join(example, 'worker.js');
const [, date] = /"compatibility_date": "(.*?)"/.exec(readFileSync(join(example, 'wrangler.jsonc'), 'utf8'));
// The site's own rule, where the example's refuses everybody; and a wall clock that a test sets.
const session = `import { env } from 'cloudflare:workers';
const now = Date.now;
Date.now = () => now() + Number(env.AHEAD_MS);
export const userOf = async ({ headers }) => headers.get('x-user');
`;
const minute = 60_000;
const hour = 60 * minute;

describe('the example of a Durable Object as a store, in workerd', { timeout: 60_000 }, () => {
  let worker;
  let service;
  let workerd;
  beforeEach(async () => {
    worker = await bundleWorker(entry, { sources: { 'session.js': session }, date });
    service = await openHttpService();
    await start();
  });
  afterEach(async () => {
    await workerd?.kill();
    await service.close();
    await worker.remove();
  });

  const start = async (aheadMs = 0) => {
    const texts = { AIMLAPI_KEY: 'the-key-of-the-service', AHEAD_MS: String(aheadMs) };
    workerd = await worker.start(texts, new URL(service.url).host);
  };
  /** Ends workerd as a crash does, and starts it again with its storage, so much later. */
  const restart = async (aheadMs) => {
    await workerd.kill();
    await start(aheadMs);
  };
  const ask = (request) => sendTo(workerd.url, request);
  const look = async () => (await ask(lookup({ key: uuid }))).body;
  const submitted = async () => {
    const answer = ask(submit({ key: uuid }));
    await waitUntil(() => service.held.length);
    service.answer();
    return answer;
  };

  it('refuses everybody as it is', async () => {
    const asItIs = await bundleWorker(entry, { date });
    const refusing = await asItIs.start({ AIMLAPI_KEY: 'the-key-of-the-service' }, new URL(service.url).host);
    try {
      for (const request of [submit({ key: uuid }), lookup({ key: uuid })]) {
        assert.equal((await sendTo(refusing.url, request)).status, 403);
      }
      assert.equal(service.submits.length, 0);
    } finally {
      await refusing.kill();
      await asItIs.remove();
    }
  });

  it('of two submits at the same time with one key, one goes to the service, and both get its answer', async () => {
    const answers = [ask(submit({ key: uuid })), ask(submit({ key: uuid }))];
    await waitUntil(() => service.held.length);
    service.answer();
    const settled = await Promise.all(answers);
    assert.deepEqual([settled[0].status, settled[0].text], [settled[1].status, settled[1].text]);
    assert.equal(settled[0].body.id, 'generation-1');
    const replayed = settled.map(({ headers }) => headers.get('idempotency-replayed'));
    assert.deepEqual(new Set(replayed), new Set([null, 'true']));
    assert.equal(service.submits.length, 1);
  });

  it('after a crash and a restart with its storage, a submit is repeated, and its reach has gone on', async () => {
    const first = await submitted();
    await restart(hour);
    const { state, reach, reply } = await look();
    assert.deepEqual([state, reply], ['accepted', first.body]);
    assert.ok(reach >= hour && reach < hour + minute, `${reach} ms`);
    const again = await ask(submit({ key: uuid }));
    assert.deepEqual([again.status, again.text], [first.status, first.text]);
    assert.equal(again.headers.get('idempotency-replayed'), 'true');
    assert.equal(service.submits.length, 1);
  });

  it('a crash between claim and outcome leaves the submit unknown, and it is never sent again', async () => {
    ask(submit({ key: uuid })).catch(() => {});
    await waitUntil(() => service.held.length);
    await restart(0);
    assert.equal((await look()).state, 'sending');
    await restart(61_000);
    assert.equal((await look()).state, 'unknown');
    const { status, body } = await ask(submit({ key: uuid }));
    assert.deepEqual([status, body.error.data.kind], [502, 'submit_unknown']);
    assert.equal(service.submits.length, 1);
  });

  it('25 hours later the outcome is forgotten, and its none reaches 24 hours at most', async () => {
    await submitted();
    await restart(25 * hour);
    const { state, reach } = await look();
    assert.deepEqual([state, reach], ['none', 24 * hour]);
    assert.equal((await submitted()).body.id, 'generation-2');
  });

  it('has no reach before its first request', async () => {
    const { state, reach } = await look();
    assert.equal(state, 'none');
    assert.ok(reach < minute, `${reach} ms`);
  });
});
