// What is stopped at the demo: a track that may have been paid for is never lost by it, and nothing
// is sent from then on.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { openDemo } from './demo/open.mjs';
import { engine } from './harness.mjs';

const request = { prompt: 'Slow piano', secondsTotal: 1 };

describe(`stopping at the demo in ${engine}`, { timeout: 240_000 }, () => {
  let demo, page, emulator, driver;
  before(async () => {
    demo = await openDemo(engine, { speed: 10 });
    ({ page, emulator, driver } = demo);
  });
  after(() => demo?.close());
  beforeEach(async () => {
    await emulator.reset({ speed: 1 });
    await page.open();
  });

  const onItsWay = () => driver.wait(async () => (await emulator.posts()) === 1, 5000, 'the request is on its way');
  const ids = async () => (await emulator.ledger()).generations.map(({ id }) => id);
  const stored = () =>
    page.read(() =>
      Object.keys(localStorage)
        .filter((key) => key.startsWith('stable-audio/'))
        .map((key) => JSON.parse(localStorage[key])),
    );

  it('a request under way is let answer, so that its track is kept and can be resumed', async () => {
    await emulator.plan({ submit: [{ delay_ms: 3000 }] });
    await page.generate(request);
    await onItsWay();
    await page.press('stop');
    const { word, note, actions } = await page.until('stopping');
    assert.equal(word, 'Stopping');
    assert.match(note, /Waits for the answer/);
    assert.deepEqual(actions, []);

    const after = await page.until('stopped');
    assert.match(after.note, /paid for.*Resume/);
    assert.deepEqual(after.actions, ['resume', 'remove']);
    const [{ generation }] = await stored();
    assert.deepEqual([generation.id], await ids());
    assert.equal((await emulator.requests('POST'))[0].aborted, false);
    assert.equal((await emulator.requests('GET')).length, 0);

    await page.reload();
    await emulator.plan({ poll: [{ finish: true }] });
    await page.press('resume');
    await page.until('completed');
    assert.equal(await emulator.posts(), 1);
  });

  it('a track that is completed in the very reply is shown, although it was stopped before', async () => {
    await emulator.plan({ submit: [{ delay_ms: 2000, finish: true }] });
    await page.generate(request);
    await onItsWay();
    await page.press('stop');
    await page.until('completed');
  });

  it('a refused request that waits for its next try is not sent again', async () => {
    await emulator.plan({ submit: [{ status: 429, times: 50 }] });
    await page.generate(request);
    await onItsWay();
    await page.press('stop');
    const { note, settings, actions } = await page.until('stopped');
    const sent = await emulator.posts();
    assert.match(note, /Nothing was spent/);
    assert.match(settings, /nothing spent$/);
    assert.deepEqual(actions, ['retry', 'remove']);
    await driver.sleep(4000);
    assert.equal(await emulator.posts(), sent);
  });

  it('while the service asks for a pause, the card says until when, and a stop sends no other request', async () => {
    await emulator.plan({ submit: [{ status: 429, retry_after: 4 }] });
    await page.generate(request);
    await page.waitFor(
      () =>
        /asks for a pause until \d\d:\d\d:\d\d\..*nothing is spent/.test(document.querySelector('.note')?.innerText),
      'it says until when',
    );
    await page.press('stop');
    assert.match((await page.until('stopping')).note, /refuses the request for now, and no other is sent/);
    assert.match((await page.until('stopped')).note, /Nothing was spent/);
    assert.equal(await emulator.posts(), 1);
  });

  it('while the service asks for a pause between checks, the card says when the next one is', async () => {
    await emulator.plan({ poll: [{ status: 429, retry_after: 3 }, { finish: true }] });
    await page.generate(request);
    await page.waitFor(
      () => /asks for a pause: the next check is at \d\d:\d\d:\d\d/.test(document.querySelector('.note')?.innerText),
      'it says when',
    );
    await page.until('completed');
    assert.equal(await emulator.posts(), 1);
  });

  it('a request that is refused after it was stopped is not sent again', async () => {
    await emulator.plan({ submit: [{ delay_ms: 2000, status: 429, times: 50 }] });
    await page.generate(request);
    await onItsWay();
    await page.press('stop');
    await page.until('stopping');
    assert.match((await page.until('stopped')).note, /Nothing was spent/);
    await driver.sleep(4000);
    assert.equal(await emulator.posts(), 1);
  });

  it('a request whose answer is lost after it was stopped is recovered, so that its track is kept', async () => {
    await emulator.plan({ submit: [{ delay_ms: 2000, status: 500, after_accept: true, finish: true }] });
    await page.generate(request);
    await onItsWay();
    await page.press('stop');
    assert.deepEqual((await page.until('stopped')).actions, ['resume', 'remove']);
    const [{ generation }] = await stored();
    assert.deepEqual([generation.id], await ids());
    assert.equal(await emulator.posts(), 1);
  });

  it('the page asks before it is left, as long as the answer to a request would be lost with it', async () => {
    const asks = () => page.read(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })));
    assert.equal(await asks(), false);
    await emulator.plan({ submit: [{ delay_ms: 2000 }] });
    await page.generate(request);
    await onItsWay();
    assert.equal(await asks(), true);
    await page.until('queued');
    assert.equal(await asks(), false);
    await page.press('stop');
    await page.until('stopped');
  });

  it('a request that another tab has under way is let answer, too', async () => {
    await emulator.plan({ submit: [{ delay_ms: 7000 }] });
    await page.generate(request);
    await onItsWay();
    const tabs = await page.openAnother();
    await page.until('submitting');
    await page.press('stop');
    await page.until('stopping');
    await page.until('stopped');
    await tabs.first();
    assert.deepEqual((await page.until('stopped')).actions, ['resume', 'remove']);
    const [{ generation }] = await stored();
    assert.deepEqual([generation.id], await ids());
    assert.equal((await emulator.requests('POST'))[0].aborted, false);
    await tabs.closeFirst();
  });
});
