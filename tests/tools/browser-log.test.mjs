// The output of a browser in the errors of the commands that it failed.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';

import { error } from 'selenium-webdriver';

import { withBrowserOutput } from '../browser/harness/browser-log.mjs';
import { lastOutput, startChild } from '../support/children.mjs';

const gone = 'session deleted because of page crash or hang.';

describe('the output of a browser', () => {
  it('is kept up to a length: the end of what it printed', async () => {
    const code = "console.error('an old warning\\n'.repeat(500) + 'BadWindow')";
    const child = startChild(process.execPath, ['-e', code], { stdio: ['ignore', 'ignore', 'pipe'] });
    const output = lastOutput(child);
    await once(child, 'close');
    assert.match(output(), /an old warning\nBadWindow$/);
    assert.ok(output().length <= 3000);
  });

  it('is appended to the error of a command that the browser failed', async () => {
    const driver = withBrowserOutput(failing(new error.NoSuchSessionError(gone)), () => 'BadWindow');
    await assert.rejects(driver.execute(), { message: `${gone}\nlast output of the browser:\nBadWindow` });
  });

  it('is not mentioned in an error if there is none', async () => {
    const driver = withBrowserOutput(failing(new error.NoSuchSessionError(gone)), () => '');
    await assert.rejects(driver.execute(), { message: gone });
  });

  it('is not appended to errors of another kind', async () => {
    const driver = withBrowserOutput(failing(new TypeError('no command')), () => 'BadWindow');
    await assert.rejects(driver.execute(), { message: 'no command' });
  });
});

function failing(cause) {
  return { execute: () => Promise.reject(cause) };
}
