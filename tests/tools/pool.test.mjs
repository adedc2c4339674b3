import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { runAll } from '../../tools/test/pool.mjs';

/** Steps of some turns each, performed by a clock that is told when to go on: what ran in each turn. */
async function turns(steps, cores) {
  const running = new Map();
  const perform = (step) => new Promise((end) => running.set(step, { left: step.turns ?? 1, end }));
  const seen = [];
  let ended = false;
  const all = runAll(steps, { cores, perform }).finally(() => (ended = true));
  all.catch(() => {});
  for (;;) {
    // Whatever can start has started once all promises have had their turn.
    await new Promise(setImmediate);
    if (ended) break;
    assert.ok(running.size > 0, 'something runs in every turn');
    seen.push(
      [...running.keys()]
        .map(({ name }) => name)
        .toSorted()
        .join(' '),
    );
    for (const [step, one] of running) {
      one.left -= 1;
      if (one.left > 0) continue;
      running.delete(step);
      one.end(`result of ${step.name}`);
    }
  }
  return { seen, results: await all };
}

describe('steps that run side by side', () => {
  it('keep no more cores busy than there are', async () => {
    const steps = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, cores: 0.7 }));
    assert.deepEqual((await turns(steps, 2)).seen, ['a b', 'c d', 'e']);
  });

  it('fill the machine to the last tenth of a core', async () => {
    const steps = Array.from({ length: 10 }, (_, index) => ({ name: String(index), cores: 0.2 }));
    assert.equal((await turns(steps, 2)).seen.length, 1);
  });

  it('let a later step that fits go before an earlier one that does not', async () => {
    const steps = [
      { name: 'long', cores: 1.5, turns: 2 },
      { name: 'large', cores: 1 },
      { name: 'small', cores: 0.5 },
    ];
    assert.deepEqual((await turns(steps, 2)).seen, ['long small', 'long', 'large']);
  });

  it('run one at a time where each keeps all cores busy, beside those that do not', async () => {
    const steps = [
      { name: 'build', cores: 'all', turns: 2 },
      { name: 'lint', cores: 'all' },
      { name: 'browsers', cores: 2, turns: 3 },
    ];
    assert.deepEqual((await turns(steps, 2)).seen, ['browsers build', 'browsers build', 'browsers lint']);
  });

  it('run even where one needs more cores than there are', async () => {
    const steps = [
      { name: 'small', cores: 0.5 },
      { name: 'large', cores: 3 },
    ];
    assert.deepEqual((await turns(steps, 1)).seen, ['small', 'large']);
  });

  it('start once what they need has ended, whatever came of it', async () => {
    const steps = [
      { name: 'tests', cores: 0.1, needs: ['package', 'emulator'] },
      { name: 'package', cores: 'all' },
      { name: 'emulator', cores: 'all' },
    ];
    assert.deepEqual((await turns(steps, 2)).seen, ['package', 'emulator', 'tests']);
  });

  it('do not wait for what was not chosen', async () => {
    const steps = [{ name: 'tests', cores: 0.1, needs: ['package'] }];
    assert.deepEqual((await turns(steps, 2)).seen, ['tests']);
  });

  it('give their results in the order of the list', async () => {
    const steps = [
      { name: 'slow', cores: 1, turns: 3 },
      { name: 'quick', cores: 1 },
    ];
    assert.deepEqual((await turns(steps, 2)).results, ['result of slow', 'result of quick']);
  });

  it('are refused where they need each other', async () => {
    const steps = [
      { name: 'a', cores: 1, needs: ['b'] },
      { name: 'b', cores: 1, needs: ['a'] },
    ];
    await assert.rejects(turns(steps, 2), /steps that need each other: a,b/);
  });
});
