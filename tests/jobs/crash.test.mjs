// A tab dies at each point of a job's life: at every await and timer, before and after each save, when a lock
// is asked for, granted and let go, when a request leaves, arrives and is answered. What is left leads to one
// charge where submits can be looked up, and to one at most where not.

import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';

import { newWorld } from './support/world.mjs';

/** Who is there; each adds a job in a page that dies at a point, and gives who goes on after that. */
const casts = {
  'one tab, opened again': async ({ open, pass }, cutAt) => {
    const first = open({ cutAt });
    first.jobs.add('rain');
    await pass(60_000);
    return { dying: first, heir: () => open() };
  },
  'two tabs': async ({ open, pass }, cutAt) => {
    const second = open();
    const first = open({ cutAt });
    first.jobs.add('rain');
    await pass(60_000);
    return { dying: first, heir: () => second };
  },
  'two tabs, then a third': async ({ open, pass }, cutAt) => {
    open();
    const first = open({ cutAt });
    first.jobs.add('rain');
    await pass(60_000);
    return { dying: first, heir: () => open() };
  },
  'three tabs': async ({ open, pass }, cutAt) => {
    const [second] = [open(), open()];
    const first = open({ cutAt });
    first.jobs.add('rain');
    await pass(60_000);
    return { dying: first, heir: () => second };
  },
  'two tabs that both die, then a third': async ({ open, pass, random }, cutAt) => {
    open({ cutAt: Math.floor(random() * 200) });
    const first = open({ cutAt });
    first.jobs.add('rain');
    await pass(60_000);
    return { dying: first, heir: () => open() };
  },
  'a background and its panel': async (world, cutAt) => {
    const { open, pass } = world;
    const panel = open({ follow: false });
    panel.jobs.add('rain');
    await pass(50);
    const first = open({ follow: false, cutAt });
    void due(first);
    await pass(120_000);
    return { dying: first, heir: () => open({ follow: false }), follows: due };
  },
};

async function due(tab) {
  for (let turn = 0; turn < 60 && !tab.dead; turn++) {
    if ((await tab.jobs.runDue()) === undefined) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 30_000);
    });
  }
}

/** What recovery promises, for each way of a crash. */
function judge({ recovery }, job, charges, submits) {
  assert.ok(charges <= 1, `${charges} charges`);
  // A crash before anything was stored.
  if (!job) return assert.equal(submits, 0);
  assert.notEqual(job.endedAt, undefined, `${job.phase} for ever`);
  const states = { server: ['completed'], logs: ['completed', 'unknown'], none: ['completed', 'unknown'] };
  assert.ok(states[recovery ?? 'none'].includes(job.phase), `${job.phase} with ${recovery}: ${job.error?.message}`);
  if (job.phase === 'completed') assert.equal(charges, 1);
  if (recovery) assert.equal(charges, job.phase === 'completed' ? 1 : 0);
  if (job.phase === 'unknown') assert.equal(job.canRetry, false);
}

/** What a record that was left says. */
function describeRecord(record) {
  if (!record) return 'no record';
  const { phase, sentAt, generation, endedAt } = record;
  if (endedAt !== undefined) return phase;
  if (generation) return 'an id';
  return sentAt === undefined ? 'not sent' : 'perhaps sent';
}

describe('a crash at any point', { timeout: 400_000 }, () => {
  let world;
  /** By recovery, place and record left: how many came to which end. */
  const table = new Map();
  afterEach(() => world?.end());
  after(() => {
    for (const [row, ends] of [...table].toSorted()) {
      console.log([row, ...[...ends].map(([end, count]) => `${end}: ${count}`)].join(' | '));
    }
  });

  function count(row, end) {
    const ends = table.get(row) ?? new Map();
    table.set(row, ends.set(end, (ends.get(end) ?? 0) + 1));
  }

  for (const [cast, play] of Object.entries(casts)) {
    for (const storage of ['web', 'extension', 'memory']) {
      for (const recovery of ['server', 'logs', undefined]) {
        for (const locks of /opened|then a third/.test(cast) ? [true, false] : [true]) {
          const means = `${recovery ? `recovery by ${recovery}` : 'no recovery'}${locks ? '' : ' and no locks'}`;
          it(`of ${cast}, with ${storage} storage and ${means}, pays once at most and loses nothing`, async () => {
            let cuts = 0;
            const seen = {};
            for (let cutAt = 0; ; cutAt++) {
              world = newWorld({ storage, recovery, locks, salt: cutAt });
              const { dying, heir, follows } = await play(world, cutAt);
              const died = dying.dead;
              if (!died) dying.kill();
              const tab = heir();
              void follows?.(tab);
              if (follows) await world.pass(1_800_000);
              // Without locks an unsent job is nobody else's to send.
              else await world.rest(tab);
              const [job] = tab.jobs.getSnapshot();
              const { charges, submits } = world.service;
              try {
                if (!locks && job?.phase === 'failed') assert.deepEqual([submits, job.canRetry], [0, true]);
                else judge({ recovery }, job, charges.length, submits);
                assert.ok(submits <= 1 + (recovery === 'server'), `${submits} submits`);
              } catch (error) {
                error.message = `cut at ${cutAt}: ${error.message}`;
                throw error;
              }
              const outcome = `${job?.phase ?? 'nothing'}, ${charges.length} charged`;
              seen[outcome] = (seen[outcome] ?? 0) + 1;
              if (died) count([means, dying.diedAt, describeRecord(dying.left)].join(' | '), outcome);
              world.end();
              if (!died) break;
              cuts++;
            }
            console.log(`${cast}, ${storage}, ${means}: ${cuts} cuts, ${JSON.stringify(seen)}`);
            assert.ok(cuts >= 6, `only ${cuts} cuts`);
          });
        }
      }
    }
  }

  for (const recovery of ['server', undefined]) {
    for (const locks of [true, false]) {
      const means = `${recovery ? 'recovery' : 'no recovery'} and ${locks ? 'locks' : 'no locks'}`;
      it(`of the page that sends and of one that stops it, before either has heard of the other, frees no job to be sent twice, with ${means}`, async () => {
        world = newWorld({ recovery, locks, lagMs: 5 });
        const { open, pass, rest, stored, service } = world;
        const [sender, other] = [open(), open()];
        service.turnMs = 3000;
        const { key } = sender.jobs.add('rain');
        while (stored()[0].sentAt === undefined) await pass(1);
        other.jobs.stop(key);
        sender.kill();
        other.kill();
        await pass(1000);
        const next = open();
        await rest(next);
        const [job] = next.jobs.getSnapshot();
        next.jobs.retry(key);
        await rest(next);
        assert.equal(service.charges.length, 1);
        const left = recovery ? ['stopped', 'g1', false] : ['unknown', undefined, false];
        assert.deepEqual([job.phase, job.generation?.id, job.canRetry], left);
      });

      it(`of nobody leaves a job that was stopped by another page before it left free to be sent, with ${means}`, async () => {
        world = newWorld({ recovery, locks, lagMs: 5 });
        const { open, pass, rest, service } = world;
        const [sender, other] = [open(), open()];
        service.faults.push(429);
        const { key } = sender.jobs.add('rain');
        await pass(1000);
        other.jobs.stop(key);
        await pass(10_000);
        for (const tab of [sender, other]) {
          const [{ phase, canRetry }] = tab.jobs.getSnapshot();
          assert.deepEqual([phase, canRetry, service.submits], ['stopped', true, 1]);
        }
        other.jobs.retry(key);
        await rest(other);
        assert.equal(service.charges.length, 1);
      });
    }
  }
});
