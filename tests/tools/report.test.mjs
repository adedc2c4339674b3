// What `npm test` reads from its runners, and what it does when a runner says nothing.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';

import { endedChildrenMs } from '../../tools/test/cpu-time.mjs';
import { closingLines, counts, failedTests, sayCounts, table } from '../../tools/test/report.mjs';
import { chosen } from '../../tools/test/choose.mjs';
import { steps } from '../../tools/test/steps.mjs';

const cargo = `running 2 tests
test a ... ok
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out`;

describe('the report', () => {
  it('adds up the closing lines of cargo', () => {
    assert.deepEqual(counts(cargo), { passed: 5, failed: 1, skipped: 1 });
    assert.equal(closingLines(cargo).length, 2);
  });

  it('reads both forms of the closing lines of Node', () => {
    assert.deepEqual(counts('# pass 3\r\n# fail 1\r\n'), { passed: 3, failed: 1, skipped: 0 });
    assert.deepEqual(counts('ℹ pass 4\nℹ skipped 2\n'), { passed: 4, failed: 0, skipped: 2 });
  });

  it('takes nothing else for a closing line', () => {
    assert.deepEqual(closingLines('it says: # pass 3\ntest result\nno tests to run!'), []);
  });

  it('names skipped tests only if there are any', () => {
    assert.equal(sayCounts({ passed: 1, failed: 0, skipped: 0 }), '1 passed, 0 failed');
    assert.equal(sayCounts({ passed: 1, failed: 0, skipped: 2 }), '1 passed, 0 failed, 2 skipped');
  });

  it('shows a step that did not run without a time', () => {
    const step = { title: 'browser tests', where: 'WebKit' };
    assert.match(table([{ step, result: 'not run' }]), /browser tests {2}WebKit {2}not run {2}– {5}–/);
  });

  it('names each test that failed, at first', () => {
    const list = '✖ failing tests:\n\ntest at a.mjs:1:1\n✖ one (2ms)\n  Error\n\ntest at a.mjs:2:1\n✖ two (3ms)\n';
    assert.deepEqual(failedTests(`✔ zero\n  ✖ one (2ms)\n${list}`), ['  ✖ one (2ms)', '  ✖ two (3ms)']);
    assert.deepEqual(failedTests('test result: FAILED. 1 passed; 1 failed'), []);
  });
});

describe('the CPU time of a step', () => {
  it('is that of the child that has ended, with its own', { skip: process.platform !== 'linux' }, () => {
    const before = endedChildrenMs();
    const busy = 'const end = Date.now() + 300; while (Date.now() < end);';
    spawnSync(process.execPath, ['-e', `require('child_process').execFileSync(process.execPath, ['-e', '${busy}'])`]);
    assert.ok(endedChildrenMs() - before >= 200);
  });
});

describe('the steps', () => {
  it('have names of their own, and say how many cores they keep busy', () => {
    assert.equal(new Set(steps.map(({ name }) => name)).size, steps.length);
    for (const { name, cores } of steps) assert.ok(cores === 'all' || cores > 0, name);
  });

  it('need steps that there are', () => {
    const names = new Set(steps.map(({ name }) => name));
    for (const { name, needs = [] } of steps) {
      for (const need of needs) assert.ok(names.has(need), `${name} needs ${need}`);
    }
  });

  it('are chosen by name or by kind, with what they need', () => {
    assert.deepEqual(names({ only: 'tools' }), ['tools']);
    const browsers = ['firefox', 'chromium', 'webkit'].map((name) => `browsers-${name}`);
    const all = ['package', 'emulator', 'http3', ...browsers, ...browsers.map((name) => `${name}-readme`)];
    assert.deepEqual(names({ only: 'browsers' }), all);
    assert.equal(chosen({ only: 'browsers' }).named, 6);
    assert.throws(() => chosen({ only: 'nothing' }), /one of format-rust, /);
  });

  it('that are quick need no browser', () => {
    const { steps: quick, inBrowsers } = chosen({ quick: true });
    assert.ok(quick.length > 10);
    assert.equal(inBrowsers, false);
    for (const { name, engine, browsers } of quick) assert.ok(!engine && !browsers, name);
    assert.equal(chosen({ only: 'consumers' }).inBrowsers, true);
  });
});

function names(options) {
  return chosen(options).steps.map(({ name }) => name);
}
