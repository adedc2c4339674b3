// What becomes of a job by what its client says, and what an app may then do.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';

import { root } from '../../tools/paths.mjs';
import { ModelError } from './support/client.mjs';
import { newWorld } from './support/world.mjs';

const polling = { checks: 1, errors: 0, notFound: 0, unknownStatus: 0, missingUrl: 0 };
const queued = { id: 'g1', status: 'queued', submittedAt: 1, polling };
const failed = { ...queued, status: 'error' };
const only = (tab) => tab.jobs.getSnapshot()[0];

/** By what the client rejects with: the phase, and what an app may do. */
const endings = [
  [{ code: 'invalid_argument' }, 'failed', []],
  [{ code: 'credentials_failed' }, 'failed', ['canRetry']],
  [{ code: 'unauthorized' }, 'failed', ['canRetry']],
  [{ code: 'out_of_credits' }, 'failed', ['canRetry']],
  [{ code: 'forbidden' }, 'failed', ['canRetry']],
  [{ code: 'rejected' }, 'failed', ['canRetry']],
  [{ code: 'rate_limited' }, 'failed', ['canRetry']],
  [{ code: 'offline' }, 'failed', ['canRetry']],
  [{ code: 'unsupported' }, 'failed', ['canRetry']],
  [{ code: 'deadline' }, 'failed', ['canRetry']],
  [{ code: 'deadline', generation: queued }, 'failed', ['canResume']],
  [{ code: 'not_found', generation: queued }, 'failed', ['canResume']],
  [{ code: 'unknown_status', generation: queued }, 'failed', ['canResume']],
  [{ code: 'bad_reply', generation: queued }, 'failed', ['canResume']],
  [{ code: 'generation_failed', generation: failed }, 'failed', ['canRetry']],
  [{ code: 'bad_reply' }, 'unknown', []],
  [{ code: 'submit_unknown' }, 'unknown', []],
  [{ code: 'submit_unknown', idempotencyKey: 'k' }, 'unknown', ['canResume']],
];

describe('a job', { timeout: 60_000 }, () => {
  let world;
  afterEach(() => world?.end());
  const open = (client) => (world = newWorld()).open({ client });

  for (const [{ code, ...fields }, phase, may] of endings) {
    const about = [code, ...Object.keys(fields).map((name) => `with ${name}`)].join(' ');
    it(`whose client rejects with ${about} is ${phase}, ${may.join(' and ') || 'for good'}`, async () => {
      const generate = async () => {
        throw new ModelError(code, { retryable: true, ...fields });
      };
      const tab = open({ generate });
      tab.jobs.add('rain');
      await world.pass(2000);
      const job = only(tab);
      assert.deepEqual([job.phase, job.error.code], [phase, code]);
      assert.deepEqual(
        ['canRetry', 'canResume', 'canStop'].filter((name) => job[name]),
        may,
      );
      assert.notEqual(job.endedAt, undefined);
    });
  }

  it('whose client fails in a way of its own after the submit may have left is looked up, never sent again', async () => {
    const calls = [];
    const tab = open({
      async generate(_request, { onSubmitting }) {
        calls.push('generate');
        await onSubmitting();
        throw new TypeError('a client that fails');
      },
      async recover() {
        calls.push('recover');
        throw new ModelError('submit_unknown', { retryable: true });
      },
    });
    const { key } = tab.jobs.add('rain');
    await world.pass(2000);
    assert.deepEqual(calls, ['generate', 'recover']);
    assert.deepEqual([only(tab).phase, only(tab).canRetry, only(tab).canResume], ['unknown', false, true]);
    assert.deepEqual([only(tab).error.retryable, only(tab).error.idempotencyKey], [false, key]);
  });

  it('of a background has 25 s for a submit, a poll and a look-up', async () => {
    const given = [];
    const never = (name) => (_subject, options) => {
      given.push([name, options.timeoutMs]);
      return new Promise(() => {});
    };
    world = newWorld({ storage: 'memory' });
    const { shared, pass } = world;
    const client = { submit: never('submit'), check: never('check'), recover: never('recover') };
    const background = world.open({ client, follow: false });
    const { key } = background.jobs.add('rain');
    const [record] = shared.load(key);
    shared.save({ ...record, key: 'asked-for', phase: 'queued', generation: queued });
    shared.save({ ...record, key: 'perhaps-sent', sentAt: Date.now() });
    void background.jobs.runDue();
    await pass(2000);
    assert.deepEqual(given.toSorted(), [
      ['check', 25_000],
      ['recover', 25_000],
      ['submit', 25_000],
    ]);
  });

  it('that was added later comes first, also within a millisecond', () => {
    const tab = open({ generate: () => new Promise(() => {}) });
    const keys = Array.from({ length: 5 }, () => tab.jobs.add('rain').key);
    assert.deepEqual(
      tab.jobs.getSnapshot().map(({ key }) => key),
      keys.toReversed(),
    );
  });

  it('whose id the storage shows later than its lock is granted is not looked up, but asked for', async () => {
    world = newWorld({ lagMs: 500, delayMs: 400 });
    const [one, two] = [world.open(), world.open()];
    one.jobs.add('rain');
    await world.pass(700);
    assert.equal(only(two).phase, 'submitting');
    while (!only(one).generation) await world.pass(1);
    one.jobs.close();
    const phases = new Set();
    two.jobs.subscribe(([job]) => phases.add(job.phase));
    await world.rest(two);
    assert.deepEqual([...phases], ['submitting', 'queued', 'generating', 'completed']);
    assert.equal(world.service.submits, 1);
  });
});

it('The jobs entry imports nothing, neither the client nor its module', async () => {
  const text = await readFile(join(root, 'dist', 'jobs.js'), 'utf8');
  assert.doesNotMatch(text, /\bimport\b/);
});
