// A storage that tells of no changes: what another page did is seen when a job is taken up, before a submit
// leaves, and before each save.

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';

import { pause } from './support/disks.mjs';
import { newWorld } from './support/world.mjs';

const only = (tab) => tab.jobs.getSnapshot()[0];
const late = (act) => async (value) => {
  await pause(3);
  return act(value);
};
const refuse = () => {
  throw new Error('no');
};

describe('a storage that cannot be watched', { timeout: 60_000 }, () => {
  let world;
  afterEach(() => world?.end());

  /** Pages that share such a storage, which answers at once or later. */
  function start(isLate) {
    world = newWorld();
    const { load, save, remove } = world.shared;
    const storage = isLate ? { load: late(load), save: late(save), remove: late(remove) } : { load, save, remove };
    return { ...world, storage, open: (options) => world.open({ storage, ...options }) };
  }

  for (const isLate of [false, true]) {
    describe(`and answers ${isLate ? 'later' : 'at once'}`, () => {
      it('keeps no job that another page removed while its submit waited, which is not sent again', async () => {
        const { open, pass, service, shared } = start(isLate);
        const one = open();
        service.faults.push(429);
        const { key } = one.jobs.add('rain');
        await pass(2000);
        const two = open();
        await pass(10);
        two.jobs.remove(key);
        await pass(120_000);
        assert.deepEqual([service.submits, service.charges.length], [1, 0]);
        assert.deepEqual([one.jobs.getSnapshot(), shared.load()], [[], []]);
      });

      it('keeps no job that another page removed while it was asked for', async () => {
        const { open, pass, service, shared } = start(isLate);
        const one = open();
        const { key } = one.jobs.add('rain');
        await pass(15_000);
        const two = open();
        await pass(10);
        two.jobs.remove(key);
        await pass(20_000);
        const { polls } = service;
        assert.deepEqual([one.jobs.getSnapshot(), shared.load()], [[], []]);
        await pass(60_000);
        assert.equal(service.polls, polls);
      });

      it('keeps no job that the page which followed it removed, in the page that would be next', async () => {
        const { open, pass, service, shared } = start(isLate);
        const [one, two] = [open(), open()];
        const { key } = one.jobs.add('rain');
        await pass(15_000);
        void two.jobs.runDue();
        await pass(50);
        assert.equal(only(two).key, key);
        one.jobs.remove(key);
        await pass(60_000);
        assert.deepEqual([two.jobs.getSnapshot(), shared.load(), service.submits], [[], [], 1]);
      });

      it('brings a stop of another page at the next reply', async () => {
        const { open, pass, service } = start(isLate);
        const one = open();
        const { key } = one.jobs.add('rain');
        await pass(15_000);
        const two = open();
        await pass(10);
        two.jobs.stop(key);
        await pass(20_000);
        const { polls } = service;
        await pass(60_000);
        assert.deepEqual([only(one).phase, only(one).canResume, service.polls], ['stopped', true, polls]);
        assert.deepEqual(only(one), only(two));
      });
    });
  }

  it('and does not answer to load loses no job', async () => {
    const { open, rest, storage, service } = start(false);
    const tab = open({ storage: { ...storage, load: refuse } });
    tab.jobs.add('rain');
    const [job] = await rest(tab);
    assert.deepEqual([job.phase, service.submits], ['completed', 1]);
    assert.ok(tab.told.length > 0);
  });

  it('and is full loses no job, though there is none in it', async () => {
    const { open, rest, service } = start(false);
    const tab = open({ storage: { load: () => [], save: refuse, remove: () => {} } });
    tab.jobs.add('rain');
    const [job] = await rest(tab);
    assert.deepEqual([job.phase, service.submits], ['completed', 1]);
  });
});
