// The code, the timeline and the link that the demo gives away.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { openDemo } from './demo/open.mjs';
import { engine } from './harness.mjs';

describe(`what the demo gives away in ${engine}`, { timeout: 120_000 }, () => {
  let demo, page, emulator;
  before(async () => {
    demo = await openDemo(engine, { speed: 20 });
    ({ page, emulator } = demo);
  });
  after(() => demo?.close());
  beforeEach(async () => {
    await emulator.reset();
    await page.open();
  });

  const shownCode = (panel) => page.element(`${panel} code`).getText();

  it('shows the code of the form, as it is filled in', async () => {
    await page.type('prompt', 'Slow piano');
    await page.element('#form-code summary').click();
    await page.waitFor(() => document.querySelector('#form-code code')?.innerText.includes('Slow piano'), 'it shows');
    await page.type('secondsTotal', '7');
    await page.waitFor(
      () => /secondsTotal: 7,/.test(document.querySelector('#form-code code').innerText),
      'it follows',
    );
    await page.element('#form-code [data-kind=curl]').click();
    await page.waitFor(() => /seconds_total/.test(document.querySelector('#form-code code').innerText), 'it is curl');
    assert.equal(await page.read(() => document.querySelector('#form-code [aria-pressed=true]').innerText), 'curl');
    assert.deepEqual(await page.violations(), []);
    assert.deepEqual((await emulator.ledger()).requests, []);
  });

  it('shows the code of each card, of its own request', async () => {
    await page.generate({ prompt: 'Slow piano', secondsTotal: 3, steps: 5 });
    await page.until('completed');
    await page.type('prompt', 'Something else');
    await page.waitFor(
      () => !document.querySelector('.account').hidden && Boolean(document.querySelector('.wave > div')),
      'the card has its height',
    );
    await page.element('.card .code summary').click();
    await page.waitFor(() => document.querySelector('.card .code code')?.innerText.includes('import'), 'it shows');
    assert.match(await shownCode('.card .code'), /prompt: 'Slow piano',\s+secondsTotal: 3,\s+steps: 5,/);
    await page.element('.card [data-kind=jobs]').click();
    await page.waitFor(
      () => document.querySelector('.card .code code').innerText.includes('openJobs'),
      'it is that of jobs',
    );
    await page.read(() => {
      Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => (window.copied = text) } });
    });
    await page.read(() => document.querySelector('.card .code pre + .actions button').click());
    await page.waitFor(() => window.copied?.includes('jobs.add({'), 'it is copied');
    assert.deepEqual(await page.violations(), []);
    await page.shoot(`demo-${engine}-code`);
  });

  it('takes a link with settings, shows what is wrong in them, and sends nothing', async () => {
    const values = () =>
      page.read(() =>
        ['prompt', 'secondsStart', 'secondsTotal', 'steps'].map((id) => document.querySelector(`#${id}`).value),
      );
    await page.read(() => (location.hash = 'prompt=Slow+piano+%26+rain&secondsTotal=7&steps=2000&apiKey=x'));
    await page.waitFor(() => document.querySelector('#prompt').value === 'Slow piano & rain', 'it is taken at once');
    await page.reload();
    assert.deepEqual(await values(), ['Slow piano & rain', '', '7', '2000']);
    await page.waitFor(() => !document.querySelector('#steps-mistake').hidden, 'the mistake is named');
    await page.type('steps', '60');
    await page.read(() => {
      Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => (window.copied = text) } });
    });
    await page.element('#link button').click();
    await page.waitFor(() => Boolean(window.copied), 'a link is copied');
    const link = await page.read(() => window.copied);
    assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/#prompt=Slow\+piano\+%26\+rain&secondsTotal=7&steps=60$/);
    await demo.driver.get('about:blank');
    await demo.driver.get(link);
    await page.waitFor(() => document.querySelector('#steps').value === '60', 'the link fills the form');
    assert.deepEqual(await values(), ['Slow piano & rain', '', '7', '60']);
    assert.deepEqual((await emulator.ledger()).requests, []);
    assert.deepEqual(await page.cards(), []);
  });

  it('tells in a timeline each check and error, the id, and all that is stored', async () => {
    await emulator.plan({ poll: [{ status: 502 }, { finish: true }] });
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1 });
    // The card grows and shrinks meanwhile, so that a press by place may miss.
    await page.read(() => document.querySelector('.card .timeline summary').click());
    await page.until('completed');
    const events = () =>
      page.read(() => [...document.querySelectorAll('.events li')].map((event) => event.innerText.trim()));
    assert.deepEqual(
      (await events()).map((event) => event.replace(/^\d\d:\d\d:\d\d /, '')),
      ['Stored, before anything is sent', 'Accepted', 'Check 1: http 502', 'Check 2: completed', 'Done'],
    );
    const [{ id }] = (await emulator.ledger()).generations;
    assert.equal(await page.element('.card .id').getText(), id);
    const raw = JSON.parse(await page.read(() => document.querySelector('.timeline pre').textContent));
    assert.equal(raw.generation.id, id);
    assert.deepEqual(await page.violations(), []);
    await page.shoot(`demo-${engine}-timeline`);

    await page.reload();
    await page.read(() => document.querySelector('.card .timeline summary').click());
    await page.waitFor(() => document.querySelectorAll('.events li').length > 0, 'the timeline is shown');
    assert.match((await events()).join(), /Accepted,2 checks before this page was loaded,\S+ Done$/);
  });
});
