// One gesture at the demo is one action: counted by the POSTs that the emulator's ledger holds.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { Key } from 'selenium-webdriver';

import { openDemo } from './demo/open.mjs';
import { engine } from './harness.mjs';

const quick = { secondsTotal: 1, steps: 1 };
/** How often a key comes that is held for a third of a second, at the rate of most keyboards. */
const held = 10;
/** By then everything has been sent that a gesture was going to send. */
const settledMs = 1500;

describe(`gestures at the demo in ${engine}`, { timeout: 240_000 }, () => {
  let demo, page, emulator, driver;
  before(async () => {
    demo = await openDemo(engine, { speed: 10 });
    ({ page, emulator, driver } = demo);
  });
  after(() => demo?.close());
  beforeEach(async () => {
    await emulator.reset();
    await page.open();
  });

  const jobs = async () => (await emulator.ledger()).generations;
  const settled = () => driver.sleep(settledMs);
  /** So many submits come, and within a moment no more. */
  const assertPosts = async (count) => {
    await driver.wait(async () => (await emulator.posts()) >= count, 15_000, `${count} submits`);
    await settled();
    assert.equal(await emulator.posts(), count);
  };
  const type = async (fields) => {
    for (const [name, text] of Object.entries(fields)) await page.type(name, String(text));
  };

  for (const [gesture, times] of [
    ['double', 2],
    ['triple', 3],
  ]) {
    it(`a ${gesture} click on Generate makes one track`, async () => {
      await type({ prompt: 'Slow piano', ...quick });
      await page.pressRepeatedly(page.element('#generate'), times);
      await assertPosts(1);
      assert.equal((await page.cards()).length, 1);
    });
  }

  it('Ctrl+Enter held for a third of a second makes one track', async () => {
    await type({ ...quick, prompt: 'Slow piano' });
    await page.hold({ times: held, modifier: Key.CONTROL });
    await assertPosts(1);
  });

  it('Enter held in a field of the form makes one track', async () => {
    await type({ prompt: 'Slow piano', ...quick });
    await page.hold({ times: held });
    await assertPosts(1);
  });

  it('Enter held on "Again with these settings" fills the form and makes no track', async () => {
    await emulator.plan({ submit: [{ finish: true }] });
    await page.generate({ prompt: 'Slow piano', ...quick });
    await page.until('completed');
    await page.read(() => document.querySelector('[data-action=again]').focus());
    await page.hold({ times: held });
    await settled();
    assert.equal(await page.read(() => document.activeElement.id), 'generate');
    assert.equal(await emulator.posts(), 1);
  });

  it('the same request twice within a second is one, and after a second it is another', async () => {
    await type({ prompt: 'Slow piano', ...quick });
    await page.read(submitForm);
    await page.read(submitForm);
    await assertPosts(1);
    await page.read(submitForm);
    await assertPosts(2);
  });

  it('two different requests within a second are two', async () => {
    await type({ ...quick });
    for (const prompt of ['First', 'Second']) {
      await page.type('prompt', prompt);
      await page.read(submitForm);
    }
    await assertPosts(2);
  });

  it('a double click on "Try again" submits once, and does not stop what it has submitted', async () => {
    await emulator.plan({
      submit: [
        { fail: 'message', finish: true },
        { delay_ms: 1000, finish: true },
      ],
    });
    await page.generate({ prompt: 'Slow piano', ...quick });
    await page.until('failed');
    await settled();
    await page.pressRepeatedly(page.element('.card [data-action=retry]'), 2);
    await page.until('completed');
    assert.equal(await emulator.posts(), 2);
    assert.equal((await jobs()).filter(({ charged }) => charged > 0).length, 1);
  });

  it('two immediate clicks on "Try again" submit once', async () => {
    await emulator.plan({
      submit: [
        { fail: 'message', finish: true },
        { delay_ms: 500, finish: true },
      ],
    });
    await page.generate({ prompt: 'Slow piano', ...quick });
    await page.until('failed');
    await page.read(() => {
      const button = document.querySelector('.card [data-action=retry]');
      button.click();
      button.click();
    });
    await page.until('completed');
    await assertPosts(2);
    await page.reload();
    assert.equal((await page.until('completed')).phase, 'completed');
  });

  it('two immediate clicks on Resume ask for the track once at a time', async () => {
    await emulator.reset({ speed: 1 });
    await page.generate({ prompt: 'Slow piano', ...quick, steps: 100 });
    await page.until('queued');
    await page.press('stop');
    await page.until('stopped');
    await emulator.plan({ poll: [{ delay_ms: 500 }, { finish: true }] });
    await page.read(() => {
      const button = document.querySelector('.card [data-action=resume]');
      button.click();
      button.click();
    });
    await page.until('completed');
    assert.equal(await emulator.posts(), 1);
  });

  it('a press does not reach a button that took the place of another by itself', async () => {
    await emulator.plan({ submit: [{ delay_ms: 700, fail: 'message', finish: true }] });
    await page.generate({ prompt: 'Slow piano', ...quick });
    await page.until('submitting');
    // Aims at the stop button, and presses the moment that something else is there.
    await driver.executeAsyncScript(untilChanged);
    await page.pressRepeatedly(page.element('.card [data-action=retry]'), 1);
    const waited = await page.read(() => performance.now() - window.swappedAt);
    await settled();
    assert.ok(
      waited > 400 || (await emulator.posts()) === 1,
      `${await emulator.posts()} POSTs, ${waited} ms after the change`,
    );
  });

  it('a double click on Remove removes one track', async () => {
    await emulator.plan({ submit: [{ finish: true, times: 3 }] });
    for (const prompt of ['First', 'Second', 'Third']) {
      await page.generate({ prompt, ...quick });
      await page.until('completed');
    }
    await page.waitFor(() => document.querySelectorAll('.wave > div').length > 0, 'the cards have their height');
    await settled();
    await page.pressRepeatedly(page.element('.card [data-action=remove]'), 2);
    await settled();
    assert.deepEqual(
      (await page.cards()).map(({ prompt }) => prompt),
      ['Second', 'First'],
    );
  });

  it('Enter held on Remove removes one track, and writes nothing into the prompt', async () => {
    await emulator.plan({ submit: [{ finish: true, times: 2 }] });
    for (const prompt of ['First', 'Second']) {
      await page.generate({ prompt, ...quick });
      await page.until('completed');
    }
    await page.read(() => document.querySelector('.card [data-action=remove]').focus());
    await page.hold({ times: held });
    await settled();
    assert.equal((await page.cards()).length, 1);
    assert.equal(await page.element('#prompt').getAttribute('value'), 'Second');
  });

  it('Enter held in the prompt makes new lines', async () => {
    await page.type('prompt', 'Slow');
    await page.hold({ times: 3 });
    assert.match(await page.element('#prompt').getAttribute('value'), /^Slow\n{1,3}$/);
    assert.equal(await emulator.posts(), 0);
  });
});

// What follows runs in the page.

function submitForm() {
  document.querySelector('#form').requestSubmit();
}

function untilChanged(done) {
  new MutationObserver(() => {
    window.swappedAt ??= performance.now();
    done();
  }).observe(document.querySelector('.card'), { attributeFilter: ['data-phase'] });
}
