// Storages that are full, forbidden, silent, cleared, edited or of another version: told, and no job stops.

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';

import { library, newWorld } from './support/world.mjs';

const never = () => new Promise(() => {});
const refuse = () => {
  throw new DOMException('no', 'SecurityError');
};

describe('a storage', { timeout: 60_000 }, () => {
  let world;
  const start = (options) => (world = newWorld(options));
  afterEach(() => world?.end());

  for (const storage of ['web', 'extension']) {
    it(`that is full is told, and the job goes on, with ${storage} storage`, async () => {
      const { open, rest, service } = start({ storage });
      const tab = open();
      tab.refusal = new Error('QuotaExceededError');
      tab.jobs.add('rain');
      const [job] = await rest(tab);
      assert.equal(job.phase, 'completed');
      assert.equal(service.submits, 1);
      assert.ok(tab.told.length > 0 && tab.told.every((error) => error === tab.refusal));
    });
  }

  it('that refuses the mark that a submit may have left has nothing sent, and a later page sends once', async () => {
    const { open, rest, shared, service } = start();
    const save = (record) => (record.sentAt === undefined ? shared.save(record) : refuse());
    const tab = open({ storage: { ...shared, save } });
    tab.jobs.add('rain');
    const [job] = await rest(tab);
    assert.deepEqual([job.phase, job.error.code, job.canRetry], ['failed', 'callback_failed', true]);
    assert.equal(service.submits, 0);
    assert.ok(tab.told.length > 0);
    tab.jobs.close();
    const next = open({ storage: shared });
    next.jobs.retry(job.key);
    assert.equal((await rest(next))[0].phase, 'completed');
    assert.equal(service.submits, 1);
  });

  it('that refuses the mark of a submit, whose page then dies, leads to one submit', async () => {
    const { open, pass, rest, shared, service } = start();
    const tab = open({
      storage: { ...shared, save: (record) => (record.changes > 0 ? refuse() : shared.save(record)) },
    });
    tab.jobs.add('rain');
    await pass(100);
    tab.kill();
    await rest(open({ storage: shared }));
    assert.equal(service.submits, 1);
  });

  it('that does not answer holds nothing up for longer than 10 s', async () => {
    const { open, pass, service } = start();
    const told = [];
    const storage = { load: never, save: never, remove: never };
    const tab = open({ storage, onStorageError: (error) => told.push(error.message) });
    tab.jobs.add('rain');
    await pass(9000);
    assert.equal(service.submits, 0);
    await pass(2000);
    assert.equal(service.submits, 1);
    await pass(60_000);
    assert.equal(tab.jobs.getSnapshot()[0].phase, 'completed');
    assert.ok(told.length > 0 && told.every((message) => /does not answer/.test(message)));
  });

  it('that answers late is taken in late', async () => {
    const { open, pass, rest, shared } = start();
    const first = open({ storage: shared, follow: false });
    const { key } = first.jobs.add('rain');
    const storage = {
      ...shared,
      load: () => new Promise((resolve) => setTimeout(() => resolve(shared.load()), 30_000)),
    };
    const tab = open({ storage });
    await pass(20_000);
    assert.deepEqual(tab.jobs.getSnapshot(), []);
    await pass(20_000);
    const [job] = await rest(tab);
    assert.deepEqual([job.key, job.phase], [key, 'completed']);
  });

  it('that throws at everything stops no job', async () => {
    const { open, rest } = start();
    const tab = open({ storage: { load: refuse, save: refuse, remove: refuse, watch: refuse } });
    const { key } = tab.jobs.add('rain');
    assert.equal((await rest(tab))[0].phase, 'completed');
    tab.jobs.remove(key);
    assert.deepEqual(tab.jobs.getSnapshot(), []);
    assert.ok(tab.told.length > 3);
  });

  it('that another tab has cleared gets back what this one knows', async () => {
    const { open, pass, rest, disk, service } = start();
    const [tab, other] = [open(), open()];
    tab.jobs.add('rain');
    await pass(15_000);
    disk.clear(other.own);
    await pass(100);
    assert.equal(disk.items().size, 1);
    assert.match(tab.told[0].message, /cleared/);
    assert.equal((await rest(tab))[0].phase, 'completed');
    assert.equal(service.submits, 1);
  });

  it('saves one record at a time, the newest last', async () => {
    const { open, rest, pass } = start();
    const saved = [];
    let open_ = 0;
    const storage = {
      load: async () => [],
      remove: async () => {},
      async save(record) {
        assert.equal(open_++, 0);
        await new Promise((resolve) => setTimeout(resolve, 700));
        open_--;
        saved.push(record.changes);
      },
    };
    const tab = open({ storage });
    const { key } = tab.jobs.add('rain');
    await pass(1500);
    tab.jobs.stop(key);
    await rest(tab);
    tab.jobs.resume(key);
    await rest(tab);
    await pass(5000);
    assert.deepEqual(
      saved,
      saved.toSorted((a, b) => a - b),
    );
    assert.equal(tab.jobs.getSnapshot()[0].phase, 'completed');
  });

  describe('with a record', () => {
    it('of a later version leaves it alone', async () => {
      const { open, pass, disk } = start();
      const [item, record] = await stored(world);
      const later = JSON.stringify({ ...record, version: 2, more: true });
      disk.edit(item, later);
      const tab = open({ keep: 0 });
      await pass(1000);
      assert.deepEqual(tab.jobs.getSnapshot(), []);
      tab.jobs.remove(record.key);
      await tab.jobs.runDue();
      await pass(1000);
      assert.equal(disk.items().get(item), later);
    });

    it('that a later version writes meanwhile is let go of', async () => {
      const { open, pass, disk } = start();
      const [tab, other] = [open(), open()];
      const { key } = tab.jobs.add('rain');
      await pass(15_000);
      const item = `stable-audio-jobs/${key}`;
      const later = JSON.stringify({ ...JSON.parse(disk.items().get(item)), version: 2 });
      other.own.area.setItem(item, later);
      await pass(60_000);
      assert.deepEqual(tab.jobs.getSnapshot(), []);
      assert.equal(disk.items().get(item), later);
    });

    const edits = {
      'no JSON': () => '{"version":1,',
      null: () => 'null',
      'an array': () => '[]',
      'another phase': (record) => JSON.stringify({ ...record, phase: 'done' }),
      'no prompt': (record) => JSON.stringify({ ...record, request: {} }),
      'a URL of another scheme': (record) => {
        record.generation.audio.url = 'javascript:alert(1)';
        return JSON.stringify(record);
      },
      'completion without audio': (record) =>
        JSON.stringify({ ...record, generation: { ...record.generation, audio: undefined } }),
      'a moment that is none': (record) => JSON.stringify({ ...record, startedAt: 'today' }),
      'a phase that its generation denies': (record) =>
        JSON.stringify({ ...record, phase: 'submitting', endedAt: undefined }),
      'an error that is none': (record) => JSON.stringify({ ...record, error: 7 }),
    };
    for (const [name, edit] of Object.entries(edits)) {
      it(`that was edited to ${name} does not show it, sends nothing, and keeps it`, async () => {
        const { open, pass, disk, service } = start();
        const [item, record] = await stored(world);
        const edited = edit(record);
        disk.edit(item, edited);
        const tab = open();
        await pass(60_000);
        assert.deepEqual(tab.jobs.getSnapshot(), []);
        assert.equal(disk.items().get(item), edited);
        assert.equal(service.submits, 1);
      });
    }
  });

  it('that the page may not look at is told, and memory takes its place', () => {
    const { service } = start();
    const found = Object.getOwnPropertyDescriptor(globalThis, 'localStorage');
    const told = [];
    Object.defineProperty(globalThis, 'localStorage', { get: refuse, configurable: true });
    try {
      const options = { client: {}, follow: false, onStorageError: ({ name }) => told.push(name) };
      const jobs = library.openJobs(options);
      jobs.add('rain');
      assert.equal(jobs.getSnapshot().length, 1);
    } finally {
      if (found) Object.defineProperty(globalThis, 'localStorage', found);
      else delete globalThis.localStorage;
    }
    assert.deepEqual([told, service.submits], [['SecurityError'], 0]);
  });

  it('of each name has jobs of its own', () => {
    const { open, disk } = start();
    const { own } = open();
    library.webStorage(own.area, 'ada').save({ key: 'a' });
    assert.deepEqual(library.webStorage(own.area, 'ada').load(), [{ key: 'a' }]);
    assert.deepEqual(library.webStorage(own.area).load(), []);
    assert.deepEqual([...disk.items().keys()], ['ada/a']);
  });
});

/** What a tab stores of a completed job, to be spoiled. */
async function stored({ open, rest, disk }) {
  const tab = open();
  const { key } = tab.jobs.add('rain');
  await rest(tab);
  tab.kill();
  const item = `stable-audio-jobs/${key}`;
  return [item, JSON.parse(disk.items().get(item))];
}
