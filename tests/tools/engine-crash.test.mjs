// Which files of tests are run once more, since the engine crashed.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { crashedFiles } from '../../tools/test/engine-crash.mjs';

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
});
