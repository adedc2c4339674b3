// Which files of tests are run once more, since the engine crashed.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { crashedFiles } from '../../tools/test/engine-crash.mjs';
import { perform } from '../../tools/test/perform.mjs';

const crash = '  GLib-ERROR **: 08:29:48.903: getauxval () failed: Interrupted system call\n';
const failing = (file, text) => `test at tests/browser/${file}.test.mjs:60:3\n✖ does something (1 ms)\n${text}\n`;

describe('a crash of the engine', () => {
  it('has the files run once more that met it, with all that failed in them after it', () => {
    const output = `✖ failing tests:\n\n${failing('takes', crash)}${failing('takes', 'no session')}`;
    assert.deepEqual(crashedFiles(output), ['tests/browser/takes.test.mjs']);
  });

  it('excuses no file that failed by itself', () => {
    const output = `✖ failing tests:\n\n${failing('takes', crash)}${failing('faults', 'a timeout')}`;
    assert.deepEqual(crashedFiles(output), []);
  });

  it('is not seen where none was', () => {
    assert.deepEqual(crashedFiles(`✖ failing tests:\n\n${failing('faults', 'a timeout')}`), []);
    assert.deepEqual(crashedFiles('all passed'), []);
  });

  it('has a step that met one go on with those files alone, and judged by that', async ({ mock }) => {
    const folder = await mkdtemp(join(tmpdir(), 'stable-audio-crash-'));
    // A runner inside a runner's file runs no test.
    delete process.env.NODE_TEST_CONTEXT;
    // Its closing lines would be taken for those of this runner.
    mock.method(console, 'log', () => {});
    try {
      const met = JSON.stringify(join(folder, 'met'));
      const lines = [
        "import { existsSync, writeFileSync } from 'node:fs';",
        "import { test } from 'node:test';",
        "test('in an engine that crashes once', () => {",
        `  if (existsSync(${met})) return;`,
        `  writeFileSync(${met}, '');`,
        `  throw new Error(${JSON.stringify(crash)});`,
        '});',
      ];
      const files = ['fine', 'crashing'].map((name) => join(folder, `${name}.test.mjs`));
      await writeFile(files[0], "import { test } from 'node:test';\ntest('passes', () => {});\n");
      await writeFile(files[1], lines.join('\n'));
      const command = () => [process.execPath, '--test', '--test-reporter=spec', ...files];
      const step = { name: 'crash', title: 'a step', where: 'a fake engine', engine: 'fake', tests: true, command };
      const { ok, numbers, result } = await perform(step, { engines: { fake: true } }, new Map());
      assert.deepEqual([ok, numbers.passed, numbers.failed], [true, 1, 0]);
      assert.match(result, /^1 passed, 1 failed; once more after the engine crashed: 1 passed, 0 failed$/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
