// What the error of a test says of the browser that died in it.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';

import { error } from 'selenium-webdriver';

import { startChild } from '../browser/harness/children.mjs';
import { lastWords, quoting } from '../browser/harness/words.mjs';

const gone = 'session deleted because of page crash or hang.';

describe('the last words of a browser', () => {
  it('are the end of what it printed', async () => {
    const code = "console.error('an old warning\\n'.repeat(500) + 'BadWindow')";
    const child = startChild(process.execPath, ['-e', code], { stdio: ['ignore', 'ignore', 'pipe'] });
    const words = lastWords(child.stderr);
    await once(child, 'close');
    assert.match(words(), /an old warning\nBadWindow$/);
    assert.ok(words().length <= 2000);
  });

  it('end the error of a command that it failed', async () => {
    const driver = quoting(failing(new error.NoSuchSessionError(gone)), () => 'BadWindow');
    await assert.rejects(driver.execute(), { message: `${gone}\nthe browser said last:\nBadWindow` });
  });

  it('are not named if it printed nothing', async () => {
    const driver = quoting(failing(new error.NoSuchSessionError(gone)), () => '');
    await assert.rejects(driver.execute(), { message: gone });
  });

  it('leave every other error as it is', async () => {
    const driver = quoting(failing(new TypeError('no command')), () => 'BadWindow');
    await assert.rejects(driver.execute(), { message: 'no command' });
  });
});

function failing(cause) {
  return { execute: () => Promise.reject(cause) };
}
