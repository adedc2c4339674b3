// The demo's list of tracks when it is long: what it fetches, how it is searched, and what a row shows.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { completedJob } from './demo/stored-job.mjs';
import { openDemo } from './demo/open.mjs';
import { engine } from './harness.mjs';

const count = 60;
/** How many of the newest lie open. */
const open = 5;

describe(`a long list of tracks at the demo in ${engine}`, { timeout: 120_000 }, () => {
  let demo, page, emulator;
  before(async () => {
    demo = await openDemo(engine, { speed: 10 });
    ({ page, emulator } = demo);
  });
  after(() => demo?.close());
  beforeEach(async () => {
    await emulator.reset();
    await page.open();
    await page.store(records());
    await page.reload();
    await page.waitFor(() => document.querySelectorAll('.card').length > 50, 'the list is shown');
  });

  /** Each track has a file of its own. */
  function records() {
    return Array.from({ length: count }, (_, index) =>
      completedJob({
        key: `track-${index}`,
        prompt: index % 10 === 0 ? `Thunder number ${index}` : `Slow piano number ${index}`,
        startedAt: Date.UTC(2026, 0, 2, 3, index),
        url: `${emulator.url}/files/track-${index}.wav`,
      }),
    );
  }

  const files = async () => {
    const { requests } = await emulator.ledger();
    return new Set(requests.map(({ path }) => path).filter((path) => path.endsWith('.wav'))).size;
  };
  const settled = () => demo.driver.sleep(1000);
  const shown = () => page.read(() => document.querySelectorAll('#tracks > li:not([hidden])').length);

  it('fetches the files of what is in view alone, and of a row when it is opened', async () => {
    await settled();
    const first = await files();
    assert.ok(first <= open, `${first} files at first`);
    await page.read(() => scrollTo(0, document.documentElement.scrollHeight));
    await settled();
    const scrolled = await files();
    assert.ok(scrolled <= open, `${scrolled} files after the list was scrolled`);
    await page.read(() => {
      const row = document.querySelector('#tracks > li:last-child');
      row.querySelector('.fold').click();
      row.scrollIntoView();
    });
    await demo.driver.wait(async () => (await files()) === scrolled + 1, 5000, 'the file of the row is fetched');
    await settled();
    assert.equal(await files(), scrolled + 1);
  });

  it('shows old tracks as rows with their dates, which open and close by keyboard', async () => {
    const folded = () => page.read(() => document.querySelectorAll('.card[data-folded]').length);
    assert.equal(await folded(), count - open);
    const height = await page.read(() => document.querySelector('.card[data-folded]').offsetHeight);
    assert.ok(height < 60, `a row is ${height} pixels high`);
    const date = await page.read(() => document.querySelector('.card[data-folded] time').textContent);
    assert.match(date, /^\d+ Jan, \d\d:\d\d$/);
    assert.deepEqual(await page.violations(), []);
    await page.shoot(`demo-${engine}-list`);
    await page.read(() => document.querySelector('[data-folded] .fold').focus());
    await page.keys(' ');
    assert.equal(await folded(), count - open - 1);
    assert.deepEqual(await page.violations(), []);
    await page.keys(' ');
    assert.equal(await folded(), count - open);
  });

  it('finds tracks by words of their prompts, says how many once, and shows all that is added', async () => {
    await page.read(() => {
      window.announced = [];
      const region = document.querySelector('#announcer');
      new MutationObserver(() => window.announced.push(region.textContent)).observe(region, { childList: true });
    });
    await page.element('#search').sendKeys('number thunder');
    assert.equal(await shown(), 6);
    await page.waitFor(() => window.announced.length > 0, 'it is said');
    assert.deepEqual(await page.read(() => window.announced), ['6 of 60 tracks']);
    assert.deepEqual(await page.violations(), []);
    await page.shoot(`demo-${engine}-search`);
    await emulator.plan({ submit: [{ finish: true }] });
    await page.generate({ prompt: 'Something else', secondsTotal: 1, steps: 1 });
    await page.until('completed');
    assert.equal(await shown(), count + 1);
  });

  it('fits a phone', async () => {
    if (!(await page.show({ width: 360, height: 740, dark: true }))) return;
    const { client, scroll } = await page.read(() => {
      document.querySelector('[data-folded]').scrollIntoView();
      const { clientWidth, scrollWidth } = document.documentElement;
      return { client: clientWidth, scroll: scrollWidth };
    });
    assert.ok(scroll <= client, `${scroll} of ${client} pixels wide`);
    await page.shoot(`demo-${engine}-list-phone`);
    await page.show({ width: 1280, height: 900, dark: false });
  });
});
