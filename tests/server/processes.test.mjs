// The sequences of events that pay twice in a careless design, with processes that die and a store that survives.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { lookup, submit, uuid } from './support/asking.mjs';
import { waitUntil } from '../support/wait-until.mjs';
import { drivers } from './support/drivers.mjs';
import { openHttpService, startProcess } from './support/processes.mjs';
import { hoursPass, servers } from './support/redis.mjs';

const hour = 3_600_000;

// Each has a Redis and processes of its own.
describe('sequences of events that pay twice in a careless design', { concurrency: 2 }, () => {
  for (const { name, skip, open } of servers) {
    for (const driver of Object.keys(drivers)) {
      const options = { skip, timeout: 180_000, concurrency: 1 };
      describe(`with ${name} by ${driver}`, options, () => sequences(open, driver));
    }
  }
});

function sequences(open, driver) {
  let redis;
  let run;
  let service;
  let processes;
  before(async () => {
    redis = await open();
    ({ run } = await redis.connect(driver));
  });
  after(() => redis?.stop());
  beforeEach(async () => {
    processes = [];
    service = await openHttpService();
    await run('FLUSHALL');
  });
  afterEach(async () => {
    for (const { kill } of processes) await kill();
    await service.close();
  });

  const start = async () => {
    const started = await startProcess(redis.url, driver, service.url);
    processes.push(started);
    return started;
  };
  /** Sends a submit, which the service accepts and does not answer; a function that waits for the answer. */
  const underWay = async (process) => {
    const answer = process.ask(submit({ key: uuid })).catch((error) => error);
    await waitUntil(() => service.held.length);
    return () => answer;
  };
  /** A submit that is answered. */
  const submitted = async (process) => {
    const answer = await underWay(process);
    service.answer();
    return answer();
  };
  const assertRepeated = (answer, first) => {
    assert.deepEqual([answer.status, answer.text], [first.status, first.text]);
    assert.equal(answer.headers.get('idempotency-replayed'), 'true');
    assert.equal(service.submits.length, 1);
  };
  const assertUnknown = ({ status, body }) => {
    assert.deepEqual([status, body.error.data.kind], [502, 'submit_unknown']);
    assert.equal(service.submits.length, 1);
  };

  it('one generation is paid for when two processes receive a submit at the same time', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const answers = [one.ask(submit({ key: uuid })), two.ask(submit({ key: uuid }))];
    await waitUntil(() => service.held.length);
    service.answer();
    const settled = [one.settle(answers[0]), two.settle(answers[1])];
    const [first, second] = await Promise.all(settled);
    assert.deepEqual([first.status, first.text], [second.status, second.text]);
    assert.equal(first.status, 201);
    assert.equal(service.submits.length, 1);
  });

  it('one generation is paid for when a process is killed before it responds and the browser retries', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const first = await underWay(one);
    await one.kill();
    assert.ok((await first()) instanceof Error);
    // The balancer gives the browser's own repeat to the other process.
    assert.equal((await two.settle(two.ask(submit({ key: uuid })))).status, 409);
    assert.equal(service.submits.length, 1);
  });

  it('one generation is paid for when a process is killed between claim and outcome', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    await underWay(one);
    await one.kill();
    assert.equal((await look(two)).state, 'sending');
    const rows = service.rows.splice(0);
    await two.tell('advance', 61_000);
    assert.equal((await look(two)).state, 'unknown');
    assertUnknown(await two.ask(submit({ key: uuid })));
    service.rows.push(...rows);
    await two.tell('advance', 21_000);
    const { state, reply } = await look(two);
    assert.deepEqual([state, reply.id], ['accepted', 'generation-1']);
    const again = await two.ask(submit({ key: uuid }));
    assert.deepEqual([again.body.id, again.headers.get('idempotency-replayed')], ['generation-1', 'true']);
    assert.equal(service.submits.length, 1);
  });

  it('one generation is paid for when a process is killed between claim and POST: the submit stays unknown', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    await one.tell('sleep');
    one.ask(submit({ key: uuid })).catch(() => {});
    await waitUntil(async () => (await look(two)).state === 'sending');
    await one.kill();
    for (let minutes = 0; minutes < 5; minutes++) {
      await two.tell('advance', 61_000);
      assert.equal((await look(two)).state, 'unknown');
      assert.equal((await two.ask(submit({ key: uuid }))).status, 502);
    }
    assert.equal(service.submits.length, 0);
  });

  it('one generation is paid for when the reply is lost and the process is restarted with an empty memory', async () => {
    const before = await start();
    const first = await submitted(before);
    await before.kill();
    const restarted = await start();
    const { state, reply } = await look(restarted);
    assert.deepEqual([state, reply], ['accepted', first.body]);
    assertRepeated(await restarted.ask(submit({ key: uuid })), first);
  });

  it('one generation is paid for when another user has logged in between the submit and the look-up', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    await submitted(one);
    const { state, reply } = await look(two, { user: 'bob' });
    assert.deepEqual([state, reply], ['unknown', undefined]);
    assertUnknown(await two.ask(submit({ key: uuid, user: 'bob' })));
  });

  it('one generation is paid for when the look-up comes 25 hours later: the outcome is forgotten, and the reach is 24 hours', async () => {
    const process = await start();
    await submitted(process);
    const name = `stable-audio:${uuid}`;
    const left = Number(await run('PTTL', name));
    assert.ok(left > 24 * hour - 60_000 && left <= 24 * hour, `${left} ms`);
    await run('PEXPIRE', name, '1');
    await waitUntil(async () => !(await run('GET', name)));
    await hoursPass(run, 26);
    const { state, reach } = await look(process);
    // A client believes a none whose reach is at least 5 s more than the time since its submit.
    assert.deepEqual([state, reach], ['none', 24 * hour]);
  });

  it('one generation is paid for when the first submit arrives after its look-up said none, and the second one before it', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    await look(one);
    await hoursPass(run, 1);
    const { state, reach } = await look(one);
    assert.equal(state, 'none');
    assert.ok(reach > 60_000, `${reach} ms`);
    const second = await submitted(two);
    assertRepeated(await one.ask(submit({ key: uuid })), second);
  });

  it('one generation is paid for when a submit is tried again, at another process, with the key of a failed generation', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const first = await submitted(one);
    // That it fails is seen in its polls alone.
    assertRepeated(await two.ask(submit({ key: uuid })), first);
  });

  it('the quota is debited once, however many processes receive its repeats', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const first = await submitted(one);
    for (const process of [one, two, two]) assertRepeated(await process.ask(submit({ key: uuid })), first);
    assert.equal(await run('GET', 'spent by ada'), '1');
  });

  it(
    'one generation is paid for when a slow process is presumed dead: it sends nothing later than 30 s after its claim',
    { timeout: 30_000 },
    async () => {
      const [slow, other] = await Promise.all([start(), start()]);
      await slow.tell('sleep');
      const late = slow.ask(submit({ key: uuid }));
      await waitUntil(async () => (await look(other)).state === 'sending');
      await slow.tell('wake', 31_000);
      const { status, body } = await late;
      assert.deepEqual([status, body.error.data.kind], [503, 'not_sent']);
      assert.equal(service.submits.length, 0);
      // The key is free again, so what the client sends now is the first.
      assert.equal((await submitted(other)).status, 201);
      assert.equal(service.submits.length, 1);
    },
  );

  it('one generation is paid for when a process that was presumed dead responds after all', async () => {
    const [slow, other] = await Promise.all([start(), start()]);
    const answer = await underWay(slow);
    service.rows.length = 0;
    await other.tell('advance', 61_000);
    assert.equal((await look(other)).state, 'unknown');
    assertUnknown(await other.ask(submit({ key: uuid })));
    service.answer();
    assert.equal((await answer()).status, 201);
    assert.equal((await look(other)).state, 'accepted');
    assert.equal(service.submits.length, 1);
  });
}

async function look(process, given) {
  return (await process.ask(lookup({ key: uuid, ...given }))).body;
}
