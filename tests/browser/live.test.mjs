// `npm run live -- --browser` against the emulator: what a page of another origin may send and read.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { engine } from './harness.mjs';
import { openEmulator } from '../support/emulator.mjs';
import { runLiveAsJson, spending } from '../support/run-live.mjs';

const args = [`--browser=${engine}`, '--stream'];

/** After the refused submit and that of Node, the page's is accepted and its reply lost. */
const lostForThePage = [
  { pass: true, times: 2 },
  { status: 500, after_accept: true },
];

describe(`npm run live in ${engine}`, { timeout: 180_000 }, () => {
  let emulator;
  before(async () => (emulator = await openEmulator()));
  after(() => emulator?.stop());

  it('npm run live --browser answers the questions of a page, and submits no more than it announced', async () => {
    await emulator.reset({ speed: 20, allow_headers: 'authorization, content-type, x-client-request-id' });
    const { code, said, result, seen, failed } = await runLiveAsJson(emulator, args);
    // Over HTTP/1.1 no engine streams a request's body, and its generation is none.
    assert.deepEqual([code, failed], [0, ['page-stream-job']], said);
    assert.equal(result.announced.generations, 4);
    assert.ok(result.browser.startsWith(engine));
    const { posts, charged } = await spending(emulator);
    assert.deepEqual([posts, charged.length], [[400, 201, 201, 201], 3]);
    assert.deepEqual(
      result.generations.map(({ outcome }) => outcome),
      ['completed', 'completed', 'completed', 'not sent'],
    );
    assert.deepEqual(
      result.generations
        .slice(0, 3)
        .map(({ id }) => id)
        .toSorted(),
      charged.toSorted(),
    );
    const expected = {
      'page-reads': /^yes: 404$/,
      'page-x-client-request-id': /^yes$/,
      'page-idempotency-key': /^no$/,
      'page-logs': /^yes: 200$/,
      'page-submit': /^accepted, 201, /,
      'page-headers': /x-client-request-id, x-inference-id$/,
      'page-job': /^completed: /,
      'page-file': /^yes: 200, 176444 bytes; /,
      'page-file-range': /^206: 100 bytes$/,
      'page-stream-submit': /^not sent \((this engine streams no request|.*the stream was not read.*)\), /,
      'logs-all': /^all 3$/,
      'billing-charge': /^756 credits .* for 3, expected: 756$/,
    };
    for (const [name, pattern] of Object.entries(expected)) assert.match(seen[name], pattern, name);
  });

  it('npm run live --browser submits nothing from a page that may not read the responses', async () => {
    await emulator.reset({ speed: 20, allow_headers: 'content-type' });
    const { result, seen } = await runLiveAsJson(emulator, args.slice(0, 1));
    assert.match(seen['page-reads'], /^failed: TypeError/);
    assert.deepEqual((await spending(emulator)).posts, [400, 201]);
    assert.deepEqual(
      result.generations.map(({ from, outcome }) => [from, outcome]),
      [['Node', 'completed']],
    );
  });

  it('npm run live --browser finds a page’s submit in the logs even without a client request id', async () => {
    await emulator.reset({ speed: 20 });
    await emulator.plan({ submit: lostForThePage });
    const { result, seen } = await runLiveAsJson(emulator, args.slice(0, 1));
    const { posts, charged } = await spending(emulator);
    assert.deepEqual([posts, charged.length], [[400, 201, 500], 2]);
    assert.match(seen['page-submit'], /^unknown, 500, .*then found in the logs: accepted$/);
    assert.deepEqual([result.generations[1].id, result.generations[1].outcome], [charged[1], 'completed']);
  });

  it('npm run live --browser does not mistake an older generation for a page’s submit', async () => {
    await emulator.reset({ speed: 20 });
    await emulator.plan({ submit: lostForThePage, logs: [{ status: 503 }] });
    const { code, result, seen } = await runLiveAsJson(emulator, args.slice(0, 1));
    assert.deepEqual([code, (await spending(emulator)).posts], [1, [400, 201, 500]]);
    assert.match(seen['page-submit'], /^unknown, 500, .*and not found in the logs$/);
    assert.equal(result.generations[1].id, undefined);
  });
});
