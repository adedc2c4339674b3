// Orders at the wrong moment, in several tabs, by a background: late, twice, or by chance.

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';

import { newRandom, seed } from './support/random.mjs';
import { newWorld } from './support/world.mjs';

const day = 86_400_000;
const only = (tab) => tab.jobs.getSnapshot()[0];

describe('an order', { timeout: 120_000 }, () => {
  let world;
  const start = (options) => (world = newWorld(options));
  afterEach(() => world?.end());

  it('to send that nobody could follow in time is failed, and can be given again', async () => {
    const { open, pass, rest, service } = start();
    open({ follow: false }).jobs.add('rain');
    await pass(700_000);
    const tab = open();
    await rest(tab);
    assert.deepEqual([only(tab).phase, only(tab).error.code, only(tab).canRetry], ['failed', 'deadline', true]);
    assert.equal(service.submits, 0);
    tab.jobs.retry(only(tab).key);
    await rest(tab);
    assert.deepEqual([only(tab).phase, service.submits], ['completed', 1]);
  });

  it('to send is not followed a day later, however long a job may take', async () => {
    const { open, pass, rest, service } = start();
    open({ follow: false }).jobs.add('rain');
    await pass(day + 1000);
    const tab = open({ waitOptions: { timeoutMs: Infinity } });
    await rest(tab);
    assert.deepEqual([only(tab).phase, service.submits], ['failed', 0]);
  });

  it('to resume what certainly never arrived sends nothing: it failed, and can be retried', async () => {
    const { open, pass, rest, service } = start({ recovery: 'server' });
    const first = open({ cutAt: 'before a submit leaves' });
    first.jobs.add('rain');
    await pass(5000);
    assert.ok(first.dead);
    assert.equal(service.submits, 0);
    service.forgets = true;
    const tab = open();
    await rest(tab);
    assert.deepEqual([only(tab).phase, only(tab).canResume, only(tab).canRetry], ['unknown', true, false]);
    service.forgets = false;
    tab.jobs.resume(only(tab).key);
    await rest(tab);
    assert.deepEqual([only(tab).phase, only(tab).canRetry, service.submits], ['failed', true, 0]);
  });

  it('to stop a job that another tab follows reaches it', async () => {
    const { open, pass, service } = start();
    const [one, two] = [open(), open()];
    const { key } = one.jobs.add('rain');
    await pass(15_000);
    two.jobs.stop(key);
    await pass(1000);
    assert.deepEqual([only(one).phase, only(one).canResume], ['stopped', true]);
    const polls = service.polls;
    await pass(60_000);
    assert.equal(service.polls, polls);
    assert.deepEqual(only(one), only(two));
  });

  it('to retry in two tabs at once is one', async () => {
    const { open, pass, rest, service } = start();
    const [one, two] = [open(), open()];
    service.faults.push(401);
    const { key } = one.jobs.add('rain');
    await rest(one);
    await pass(1000);
    one.jobs.retry(key);
    two.jobs.retry(key);
    await rest(one);
    await pass(10_000);
    assert.deepEqual([only(one).phase, service.charges.length], ['completed', 1]);
    assert.deepEqual(only(one), only(two));
  });

  it('to close lets a submit finish, stores its id, and stops asking', async () => {
    const { open, pass, disk, service } = start();
    const tab = open();
    const { key } = tab.jobs.add('rain');
    await pass(15);
    const settled = tab.jobs.settled(key);
    tab.jobs.close();
    await pass(60_000);
    const record = JSON.parse(disk.items().get(`stable-audio-jobs/${key}`));
    assert.deepEqual([record.generation.id, record.phase, service.polls], ['g1', 'queued', 0]);
    assert.equal((await settled).key, key);
  });

  it('to close before a submit has left leaves the job to the next tab', async () => {
    const { open, pass, rest, service } = start();
    const tab = open();
    tab.jobs.add('rain');
    tab.jobs.close();
    await pass(5000);
    assert.equal(service.submits, 0);
    const next = open();
    await rest(next);
    assert.deepEqual([only(next).phase, service.submits], ['completed', 1]);
  });

  it('needs no this', async () => {
    const { open, rest } = start();
    const tab = open();
    const { add, getSnapshot } = tab.jobs;
    add('rain');
    await rest(tab);
    assert.equal(getSnapshot()[0].phase, 'completed');
  });

  it('to run what is due takes one step, and says when to come again', async () => {
    const { open, pass, service } = start({ storage: 'extension' });
    open({ follow: false }).jobs.add('rain');
    await pass(100);
    const background = open({ follow: false });
    const run = async (ms) => {
      const running = background.jobs.runDue();
      await pass(ms);
      return running;
    };
    assert.ok((await run(3000)) > Date.now());
    assert.equal(only(background).generation.id, 'g1');
    const next = await run(100);
    assert.ok(next > Date.now() && next <= Date.now() + 10_000);
    assert.equal(service.polls, 0);
    await pass(60_000);
    const both = [background.jobs.runDue(), background.jobs.runDue()];
    await pass(5000);
    assert.ok((await Promise.all(both)).includes(undefined));
    assert.deepEqual([only(background).phase, service.polls, service.submits], ['completed', 1, 1]);
  });

  it('to run what is due has no more than maxConcurrent in progress, and sends the oldest first', async () => {
    const { open, pass, service } = start({ storage: 'extension' });
    const background = open({ follow: false, maxConcurrent: 2 });
    const keys = [];
    for (const prompt of ['one', 'two', 'three', 'four']) {
      keys.push(background.jobs.add(prompt).key);
      await pass(10);
    }
    const phases = () => keys.map((key) => background.jobs.getSnapshot().find((job) => job.key === key).phase);
    const run = async () => {
      const turns = [background.jobs.runDue(), background.jobs.runDue()];
      await pass(5000);
      return Math.min(...(await Promise.all(turns)));
    };
    assert.ok((await run()) <= Date.now() + 30_000);
    assert.deepEqual([phases(), service.submits], [['queued', 'queued', 'submitting', 'submitting'], 2]);
    await run();
    assert.equal(service.submits, 2);
    background.jobs.stop(keys[0]);
    await run();
    assert.deepEqual([phases(), service.submits], [['stopped', 'queued', 'queued', 'submitting'], 3]);
    await pass(40_000);
    await run();
    await run();
    assert.deepEqual([phases(), service.submits], [['stopped', 'completed', 'completed', 'queued'], 4]);
  });

  it('that a background could not send is tried again by later calls, until timeoutMs', async () => {
    const { open, pass, service } = start();
    const background = open({ follow: false, waitOptions: { timeoutMs: 120_000 } });
    background.jobs.add('rain');
    service.faults.push(...Array.from({ length: 100 }, () => 429));
    let last;
    for (let turn = 0; turn < 6; turn++) {
      void background.jobs.runDue().then((next) => (last = next));
      await pass(30_000);
      if (turn < 2) assert.deepEqual([only(background).phase, typeof last], ['submitting', 'number']);
    }
    assert.deepEqual([only(background).phase, only(background).canRetry, last], ['failed', true, undefined]);
  });

  it('whose outcome a background cannot find out is looked up by later calls, until timeoutMs', async () => {
    const { open, pass, service } = start({ recovery: 'server' });
    service.forgets = true;
    const first = open({ follow: false, cutAt: 'before a submit leaves' });
    first.jobs.add('rain');
    void first.jobs.runDue();
    await pass(3000);
    assert.ok(first.dead);
    const second = open({ follow: false, waitOptions: { timeoutMs: 120_000 } });
    let last;
    for (let turn = 0; turn < 6; turn++) {
      void second.jobs.runDue().then((next) => (last = next));
      await pass(30_000);
      if (turn < 2) assert.deepEqual([only(second).phase, typeof last], ['submitting', 'number']);
    }
    assert.deepEqual([only(second).phase, only(second).canResume, last], ['unknown', true, undefined]);
    assert.equal(service.submits, 0);
  });

  it('to ask is followed by every page where there are no locks, and all agree', async () => {
    const { open, pass, rest, service } = start({ locks: false });
    const [one, two] = [open(), open()];
    one.jobs.add('rain');
    await rest(one);
    await pass(20_000);
    assert.deepEqual([only(one).phase, service.submits], ['completed', 1]);
    assert.deepEqual(only(one), only(two));
    assert.ok(service.polls > 6);
  });

  for (const recovery of ['server', undefined]) {
    for (const locks of recovery ? [true, false] : [true]) {
      const means = `${recovery ?? 'no'} recovery${locks ? '' : ' and no locks'}`;
      it(`of any kind in tabs that come and go leaves every job at rest, charged once an attempt, with ${means}`, async () => {
        for (let round = 0; round < 60; round++) {
          const random = newRandom(seed + round);
          const pick = (list) => list[Math.floor(random() * list.length)];
          world = newWorld({ recovery, locks, storage: pick(['web', 'extension', 'memory']), salt: round });
          const { open, pass, rest, service } = world;
          let tabs = [open(), open()];
          service.faults = Array.from({ length: 20 }, () => pick([undefined, undefined, 429, 401, 'lost', 'fails']));
          for (let turn = 0; turn < 25; turn++) {
            const tab = pick(tabs);
            const key = pick(tab.jobs.getSnapshot())?.key ?? 'nobody';
            const acts = {
              add: () => tab.jobs.add('rain'),
              stop: () => tab.jobs.stop(key),
              resume: () => tab.jobs.resume(key),
              retry: () => tab.jobs.retry(key),
              remove: () => tab.jobs.remove(key),
              kill: () => tab.kill(),
              close: () => tab.jobs.close(),
            };
            const act = pick(['add', 'add', 'stop', 'resume', 'retry', 'retry', 'remove', 'kill', 'close']);
            acts[act]();
            if (act === 'kill' || act === 'close') tabs = [...tabs.filter((other) => other !== tab), open()];
            await pass(pick([0, 1, 10, 100, 1000, 20_000, 60_000]));
          }
          const last = open();
          await rest(last);
          await pass(60_000);
          for (const job of last.jobs.getSnapshot())
            assert.notEqual(job.endedAt, undefined, `round ${round}: ${job.phase}`);
          const keys = service.charges.map((made) => made.key);
          assert.equal(new Set(keys).size, keys.length, `round ${round}: charged twice`);
          for (const tab of tabs) assert.deepEqual(tab.jobs.getSnapshot(), last.jobs.getSnapshot(), `round ${round}`);
          world.end();
        }
      });
    }
  }
});
