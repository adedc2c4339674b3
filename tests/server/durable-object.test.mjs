// The example of a Durable Object as a store, in workerd: its storage survives the Worker.

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
// The example rejects everybody: this session accepts a user from a header. It also sets the wall clock.
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
  /** Kills workerd as a crash does, and starts it again with its storage and a later clock. */
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

  it('the unchanged example rejects everybody', async () => {
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

  it('of two concurrent submits with one key, one is sent to the service, and both get its response', async () => {
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

  it('after a restart with its storage, the Durable Object repeats the outcome, and its reach has grown', async () => {
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

  it('a crash of the Durable Object between claim and outcome leaves the submit unknown, and never sent again', async () => {
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

  it('the Durable Object forgets an outcome after 24 hours, and its reach is at most that', async () => {
    await submitted();
    await restart(25 * hour);
    const { state, reach } = await look();
    assert.deepEqual([state, reach], ['none', 24 * hour]);
    assert.equal((await submitted()).body.id, 'generation-2');
  });

  it('the Durable Object has no reach before its first request', async () => {
    const { state, reach } = await look();
    assert.equal(state, 'none');
    assert.ok(reach < minute, `${reach} ms`);
  });
});
