// What a card says of every error that the package knows, with and without a generation.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { root } from '../../tools/paths.mjs';
import { openDemo } from './demo/open.mjs';
import { endedJob } from './demo/stored-job.mjs';
import { engine } from './harness.mjs';

// The contract's table: which errors cost nothing, which may have cost, and what then can be pressed.
const [none, perhaps] = ['none', 'perhaps'];
const withoutGeneration = {
  invalid_argument: [none, ['edit', 'remove']],
  credentials_failed: [none, ['retry', 'remove'], { retryable: true }],
  unauthorized: [none, ['retry', 'edit', 'remove'], { httpStatus: 401 }],
  out_of_credits: [none, ['retry', 'topup', 'edit', 'remove'], { httpStatus: 403 }],
  forbidden: [none, ['edit', 'remove'], { httpStatus: 403 }],
  rejected: [none, ['edit', 'remove'], { httpStatus: 400 }],
  rate_limited: [none, ['retry', 'remove'], { httpStatus: 429, retryable: true }],
  offline: [none, ['retry', 'remove'], { retryable: true }],
  submit_unknown: [perhaps, ['remove'], { httpStatus: 502 }],
  bad_reply: [perhaps, ['remove'], { httpStatus: 200 }],
  deadline: [none, ['retry', 'remove'], { retryable: true }],
  aborted: [none, ['retry', 'remove'], { retryable: true }],
  unsupported: [none, ['remove']],
};
const refused = ['unauthorized', 'out_of_credits', 'forbidden', 'rejected', 'rate_limited'];
const labels = {
  ...Object.fromEntries(refused.map((code) => [code, 'Refused: nothing spent'])),
  submit_unknown: 'Unknown: perhaps billed',
  bad_reply: 'Unknown: perhaps billed',
  aborted: 'Stopped',
};
/** Those that an id is always known with, or never. */
const alwaysWith = ['not_found', 'generation_failed', 'unknown_status', 'callback_failed'];
const neverWith = ['invalid_argument', 'rate_limited', 'offline', 'submit_unknown'];
/** Of a file, not of a job. */
const ofFiles = ['download_failed'];
const further = { unauthorized: [], out_of_credits: ['topup'] };

const polling = { checks: 3, errors: 0, notFound: 0, unknownStatus: 0, missingUrl: 0 };

/** What only programmers can read. */
const jargon = /`|baseUrl|apiKey|timeoutMs|waitFor|onSubmit|http\(s\)|callback|secondsTotal|undefined|\[object/;

describe(`outcomes at the demo in ${engine}`, { timeout: 120_000 }, () => {
  let demo, page, codes;
  before(async () => {
    demo = await openDemo(engine, { speed: 10 });
    ({ page } = demo);
    await page.open();
    const types = await readFile(join(root, 'dist', 'types.d.ts'), 'utf8');
    codes = [.../type ErrorCode =([^;]+);/.exec(types)[1].matchAll(/'(\w+)'/g)].map(([, code]) => code);
  });
  after(() => demo?.close());

  /** Shows jobs as they were stored when they ended; resolves to their cards by their prompts. */
  const show = async (jobs) => {
    await page.read(() => localStorage.clear());
    const now = Date.now();
    await page.store(jobs.map((job, index) => endedJob({ ...job, startedAt: now + index })));
    await page.reload();
    return Object.fromEntries((await page.cards()).map((card) => [card.prompt, card]));
  };

  it('the tables name every error of the package', () => {
    const told = [...Object.keys(withoutGeneration), ...alwaysWith, ...ofFiles];
    assert.deepEqual(told.toSorted(), codes.toSorted());
  });

  it('without a generation, each says whether something may have been spent, and offers what cannot bill twice', async () => {
    const jobs = Object.entries(withoutGeneration).map(([code, [, , fields]]) => ({
      key: code,
      error: error(code, fields),
    }));
    const cards = await show(jobs);
    for (const [code, [money, actions]] of Object.entries(withoutGeneration)) {
      const { word, note, settings, actions: offered } = cards[code];
      assert.deepEqual(offered, actions, code);
      assert.doesNotMatch(note, jargon, code);
      assert.equal(/[Nn]othing was (spent|sent)/.test(note), money === none, `${code}: ${note}`);
      assert.equal(/may have been billed/.test(note), money === perhaps, `${code}: ${note}`);
      assert.equal(/nothing spent/.test(settings), money === none, `${code}: ${settings}`);
      assert.equal(/credits/.test(settings), money === perhaps, `${code}: ${settings}`);
      assert.equal(word === 'Unknown: perhaps billed', money === perhaps, `${code}: ${word}`);
      assert.equal(word, labels[code] ?? 'Not sent: nothing spent', code);
      assert.doesNotMatch(note, /[Rr]esume|paid for/, code);
      assert.equal(/try again/i.test(note), actions.includes('retry'), `${code}: ${note}`);
    }
    assert.deepEqual(await page.violations(), []);
    await page.show({ width: 1280, height: 900, dark: false, whole: true });
    await page.shoot(`demo-${engine}-outcomes-without`);
  });

  it('with a generation, each says that it is paid for and can be resumed at no cost, and never to generate again', async () => {
    const known = codes.filter((code) => ![...neverWith, ...ofFiles].includes(code));
    const generation = { id: 'g', status: 'generating', submittedAt: Date.now(), polling, creditsUsed: 25_200 };
    const cards = await show(
      known.map((code) => ({
        key: code,
        error: error(code, { httpStatus: 401 }),
        generation: code === 'generation_failed' ? { ...generation, status: 'error', error: 'some words' } : generation,
      })),
    );
    for (const code of known) {
      const { word, note, settings, actions } = cards[code];
      assert.doesNotMatch(note, jargon, code);
      if (code === 'generation_failed') {
        assert.match(note, /some words.*is not billed.*Try again/, code);
        assert.match(settings, /nothing spent/);
        assert.deepEqual(actions, ['retry', 'remove'], code);
        continue;
      }
      assert.deepEqual(actions, ['resume', ...(further[code] ?? []), 'remove'], code);
      assert.match(note, /is paid for, and may go on at the service\..*[Rr]esume: asking again costs nothing\.$/, code);
      assert.doesNotMatch(note, /generate|try again|othing was spent|may have been billed/i, code);
      assert.match(settings, /25,200 credits$/, code);
      assert.equal(word, code === 'aborted' ? 'Stopped' : 'Interrupted: paid for', code);
    }
    assert.deepEqual(await page.violations(), []);
    await page.show({ width: 1280, height: 900, dark: false, whole: true });
    await page.shoot(`demo-${engine}-outcomes-with`);
  });

  it('what may have been billed, and has a key to look it up by, can be resumed and never sent again', async () => {
    const cards = await show([{ key: 'lost', error: error('submit_unknown', { idempotencyKey: 'lost' }) }]);
    const { note, actions } = cards.lost;
    assert.match(note, /may have been billed.*Resume finds out what became of it, and sends nothing\./);
    assert.deepEqual(actions, ['resume', 'remove']);
  });

  it('with the service itself, what may have been billed leads to where spending is listed, and a refused key to the keys', async () => {
    await page.open('service');
    const errors = { submit_unknown: error('submit_unknown'), unauthorized: error('unauthorized') };
    await page.store(
      Object.entries(errors).map(([key, error]) => endedJob({ key, error })),
      'service',
    );
    await page.reload();
    const linked = Object.fromEntries((await page.cards()).map(({ prompt, actions }) => [prompt, actions]));
    assert.deepEqual(linked.submit_unknown, ['usage', 'remove']);
    assert.deepEqual(linked.unauthorized, ['retry', 'keys', 'edit', 'remove']);
    const hrefs = await page.read(() =>
      [...document.querySelectorAll('a[data-action]:not([hidden])')].map(({ href }) => href),
    );
    assert.deepEqual(hrefs.toSorted(), ['https://aimlapi.com/app/keys/', 'https://aimlapi.com/app/usage']);
    await page.open();
  });

  it('an error of a kind that is not known yet is told in the words of the package', async () => {
    const cards = await show([{ key: 'new', error: error('new', { message: 'something new; nothing was spent' }) }]);
    assert.equal(cards.new.note, 'Something new; nothing was spent.');
  });

  it('a generation that fails while the page is away is told so, and can be tried again', async () => {
    const { emulator } = demo;
    await emulator.reset({ speed: 1 });
    await page.open();
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1 });
    await page.until('queued');
    await emulator.plan({ poll: [{ fail: 'message' }] });
    await page.reload();
    const { note, actions } = await page.until('failed');
    assert.match(note, /is not billed.*Try again/);
    assert.deepEqual(actions, ['retry', 'remove']);
  });

  it('a key that is refused while a paid track is asked for leads to Resume, and a new key gets the track', async () => {
    const { emulator } = demo;
    await emulator.reset({ speed: 1 });
    await page.open();
    await emulator.plan({ poll: [{ status: 401 }, { finish: true }] });
    await page.generate({ prompt: 'Slow piano', secondsTotal: 1 });
    const { note, actions } = await page.until('failed');
    assert.match(note, /refuses the key.*is paid for.*[Rr]esume/);
    assert.deepEqual(actions, ['resume', 'remove']);
    await page.press('resume');
    await page.until('completed');
  });
});

function error(code, fields) {
  // What the package says besides the service's words is for programmers, but for what it alone knows.
  const message = ['invalid_argument', 'unsupported'].includes(code)
    ? 'it is so; nothing was sent'
    : 'the apiKey function, `baseUrl` or timeoutMs: `some words`; resume it with waitFor';
  return { code, message, retryable: false, ...fields };
}
