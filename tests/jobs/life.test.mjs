// The life of a job in one tab and in two.

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';

import { newWorld } from './support/world.mjs';

const refuse = async () => {
  throw new DOMException('opaque origin', 'SecurityError');
};
const takeBack = async () => {
  throw new DOMException('the browsing context is going away', 'AbortError');
};
const find = (tab, key) => tab.jobs.getSnapshot().find((job) => job.key === key);

describe('a job', { timeout: 60_000 }, () => {
  let world;
  const start = (options) => (world = newWorld(options));
  afterEach(() => world?.end());

  for (const storage of ['web', 'extension', 'memory']) {
    it(`is stored, sent once and followed to its end with ${storage} storage`, async () => {
      const { open, rest, service } = start({ storage });
      const tab = open();
      const job = tab.jobs.add('rain', { meta: { color: 'blue' } });
      assert.equal(job.phase, 'submitting');
      const [ended] = await rest(tab);
      assert.equal(ended.phase, 'completed');
      assert.equal(ended.key, job.key);
      assert.deepEqual(ended.meta, { color: 'blue' });
      assert.equal(ended.generation.audio.url, 'https://files.test/track.wav');
      assert.equal(service.charges.length, 1);
      assert.deepEqual(tab.told, []);
    });
  }

  it('is stored when add returns, with a synchronous storage', () => {
    const { open, disk } = start();
    const { key } = open().jobs.add('rain');
    assert.ok(disk.items().has(`stable-audio-jobs/${key}`));
  });

  for (const storage of ['web', 'extension']) {
    it(`is marked as perhaps sent in ${storage} storage before its submit leaves`, async () => {
      const { open, rest, disk, service } = start({ storage });
      const tab = open();
      const item = `stable-audio-jobs/${tab.jobs.add('rain').key}`;
      const marks = [];
      const post = service.post.bind(service);
      service.post = (key) => {
        const stored = disk.items().get(item);
        marks.push((storage === 'web' ? JSON.parse(stored) : stored).sentAt);
        return post(key);
      };
      await rest(tab);
      assert.deepEqual(marks.map(Number.isFinite), [true]);
    });
  }

  it('is followed where the page may not have locks, and sent once', async () => {
    const { open, rest, service } = start();
    const tab = open({ navigatorLocks: { request: refuse } });
    tab.jobs.add('rain');
    const [job] = await rest(tab);
    assert.deepEqual([job.phase, service.submits], ['completed', 1]);
  });

  it('is left alone by a page that is being left, whose locks WebKit takes back', async () => {
    const { open, disk } = start();
    const tab = open({ navigatorLocks: { request: takeBack } });
    tab.jobs.add('rain');
    // It runs on for a moment, in which no timer fires.
    for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
    const records = [...disk.items().values()].map((item) => JSON.parse(item));
    assert.deepEqual(
      records.map(({ sentAt }) => sentAt),
      [undefined],
    );
  });

  it('is followed by a listener that throws nothing into others', async () => {
    const { open, rest } = start();
    const tab = open();
    const reported = [];
    const { reportError } = globalThis;
    globalThis.reportError = (error) => reported.push(error.message);
    try {
      tab.jobs.subscribe(() => {
        throw new Error('a listener');
      });
      tab.jobs.add('rain');
      assert.equal((await rest(tab))[0].phase, 'completed');
    } finally {
      globalThis.reportError = reportError;
    }
    assert.ok(reported.length > 2 && reported.every((message) => message === 'a listener'));
  });

  it('is followed by one of two tabs, and seen by both', async () => {
    const { open, rest, pass, service } = start();
    const [one, two] = [open(), open()];
    one.jobs.add('rain');
    await pass(30_000);
    assert.equal(two.jobs.getSnapshot().length, 1);
    await rest(one);
    await pass(1000);
    assert.equal(service.submits, 1);
    assert.deepEqual(two.jobs.getSnapshot(), one.jobs.getSnapshot());
    assert.ok(service.polls <= 6, `${service.polls} polls`);
  });

  for (const how of ['close', 'crash']) {
    it(`is taken over by the other tab after a ${how}`, async () => {
      const { open, rest, pass, service } = start();
      const [one, two] = [open(), open()];
      one.jobs.add('rain');
      await pass(15_000);
      if (how === 'close') one.jobs.close();
      else one.kill();
      const [job] = await rest(two);
      assert.equal(job.phase, 'completed');
      assert.equal(service.submits, 1);
    });
  }

  it('that is stopped while its submit is under way keeps its id', async () => {
    const { open, pass, rest, service } = start();
    const tab = open();
    const { key } = tab.jobs.add('rain');
    await pass(25);
    tab.jobs.stop(key);
    assert.equal(find(tab, key).endedAt, undefined);
    await rest(tab);
    const stopped = find(tab, key);
    assert.deepEqual([stopped.phase, stopped.generation.id, stopped.canResume], ['stopped', 'g1', true]);
    tab.jobs.resume(key);
    tab.jobs.resume(key);
    await rest(tab);
    assert.equal(find(tab, key).phase, 'completed');
    assert.equal(service.submits, 1);
  });

  it('that is stopped before its submit has left is not sent', async () => {
    const { open, rest, service } = start();
    const tab = open();
    const { key } = tab.jobs.add('rain');
    tab.jobs.stop(key);
    await rest(tab);
    assert.deepEqual([find(tab, key).phase, find(tab, key).canRetry, service.submits], ['stopped', true, 0]);
  });

  it('that is stopped while a refused submit waits is not sent again', async () => {
    const { open, pass, rest, service } = start();
    const tab = open();
    service.faults.push(429);
    const { key } = tab.jobs.add('rain');
    await pass(2000);
    tab.jobs.stop(key);
    await rest(tab);
    assert.deepEqual([find(tab, key).phase, find(tab, key).canRetry, service.submits], ['stopped', true, 1]);
  });

  it('that is retried twice in a tick is sent once, with its own key after a refusal', async () => {
    const { open, rest, service } = start({ recovery: 'server' });
    const tab = open();
    service.faults.push(401);
    const { key } = tab.jobs.add('rain');
    const [failed] = await rest(tab);
    assert.deepEqual([failed.phase, failed.error.code, failed.canRetry], ['failed', 'unauthorized', true]);
    tab.jobs.retry(key);
    tab.jobs.retry(key);
    const [job] = await rest(tab);
    assert.equal(job.phase, 'completed');
    assert.deepEqual([service.submits, service.charges.map((made) => made.key)], [2, [key]]);
  });

  it('that failed at the service is retried with a new key', async () => {
    const { open, rest, service } = start({ recovery: 'server' });
    const tab = open();
    service.faults.push('fails');
    const { key } = tab.jobs.add('rain');
    const [failed] = await rest(tab);
    assert.deepEqual([failed.phase, failed.error.code, failed.canRetry], ['failed', 'generation_failed', true]);
    tab.jobs.retry(key);
    await rest(tab);
    assert.deepEqual(
      service.charges.map((made) => made.key),
      [`${key}.2`],
    );
  });

  it('with a bad request fails, and cannot be retried', async () => {
    const { open, rest, service } = start();
    const tab = open();
    for (const request of [
      '',
      undefined,
      null,
      5,
      { prompt: 5 },
      {
        get prompt() {
          throw new Error('no');
        },
      },
    ]) {
      tab.jobs.add(request);
    }
    const jobs = await rest(tab);
    assert.equal(jobs.length, 6);
    assert.ok(jobs.every(({ phase, canRetry, canResume }) => phase === 'failed' && !canRetry && !canResume));
    assert.equal(service.submits, 0);
  });

  it('that is removed before its submit has left is not sent', async () => {
    const { open, pass, service } = start();
    const tab = open();
    const { key } = tab.jobs.add('rain');
    tab.jobs.remove(key);
    assert.equal(await tab.jobs.settled(key), undefined);
    await pass(60_000);
    assert.equal(service.submits, 0);
  });

  it('that is removed while its submit is under way is let finish and kept nowhere', async () => {
    const { open, pass, disk, service } = start({ storage: 'extension' });
    const [tab, other] = [open(), open()];
    const { key } = tab.jobs.add('rain');
    await pass(30);
    other.jobs.remove(key);
    tab.jobs.remove(key);
    await pass(120_000);
    assert.equal(service.submits, 1);
    assert.deepEqual([disk.items().size, tab.jobs.getSnapshot().length, other.jobs.getSnapshot().length], [0, 0, 0]);
  });

  it('whose outcome is lost is unknown, and never sent again', async () => {
    const { open, rest, service } = start();
    const tab = open();
    service.faults.push('lost');
    const { key } = tab.jobs.add('rain');
    const [job] = await rest(tab);
    assert.deepEqual([job.phase, job.canRetry, job.canResume], ['unknown', false, false]);
    tab.jobs.retry(key);
    tab.jobs.resume(key);
    await rest(tab);
    assert.equal(service.submits, 1);
  });

  it('settles for whoever waits for it', async () => {
    const { open, rest } = start();
    const tab = open();
    const { key } = tab.jobs.add('rain');
    const settled = tab.jobs.settled(key);
    await rest(tab);
    assert.equal((await settled).phase, 'completed');
    assert.equal(await tab.jobs.settled('nobody'), undefined);
  });

  it('is deeply frozen, and the same object until it changes', async () => {
    const { open, rest } = start();
    const tab = open();
    const seen = [];
    const off = tab.jobs.subscribe((jobs) => seen.push(jobs));
    assert.deepEqual(seen[0], []);
    const first = tab.jobs.add('rain');
    await rest(tab);
    const snapshot = tab.jobs.getSnapshot();
    assert.equal(tab.jobs.getSnapshot(), snapshot);
    off();
    const second = tab.jobs.add('wind');
    assert.equal(seen.at(-1), snapshot);
    assert.deepEqual(
      tab.jobs.getSnapshot().map(({ key }) => key),
      [second.key, first.key],
    );
    assert.equal(tab.jobs.getSnapshot()[1], snapshot[0]);
    assert.throws(() => (snapshot[0].generation.polling.checks = 9), TypeError);
    assert.equal(tab.jobs.getServerSnapshot(), tab.jobs.getServerSnapshot());
  });

  it('that is finished is kept up to a number, and unfinished ones always', async () => {
    const { open, rest, pass, disk } = start();
    const tab = open({ keep: 2 });
    const keys = [];
    for (const prompt of ['one', 'two', 'three']) {
      keys.push(tab.jobs.add(prompt).key);
      await rest(tab);
    }
    tab.jobs.add('four');
    await pass(5000);
    assert.equal(tab.jobs.getSnapshot().length, 3);
    assert.equal(find(tab, keys[0]), undefined);
    assert.equal(disk.items().size, 3);
  });
});
