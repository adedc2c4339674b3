// `npm run live` against the emulator: its questions, its costs, and its failures.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { openEmulator } from '../support/emulator.mjs';
import { runLive, runLiveAsJson, spending } from '../support/run-live.mjs';

// Most of each test is waiting.
describe('npm run live', { timeout: 180_000, concurrency: 4 }, () => {
  it('npm run live answers every question, and submits no more than it announced', async (test) => {
    const emulator = await open(test);
    const { code, said, result, seen, failed } = await runLiveAsJson(emulator, ['--stream']);
    assert.deepEqual([code, failed], [0, []], said);
    const { posts, charged, looks } = await spending(emulator);
    assert.deepEqual(posts, [400, 201, 201], 'the first cannot be billed');
    assert.deepEqual(result.announced, { generations: 2, credits: 504, usd: 0.000_252 });
    assert.match(said, /504 credits, \$0\.000252/);
    assert.deepEqual(
      result.generations.map(({ id, outcome }) => ({ id, outcome })),
      charged.map((id) => ({ id, outcome: 'completed' })),
    );
    for (const id of charged) assert.ok(said.includes(id));
    const gaps = looks.slice(1).map((at, index) => at - looks[index]);
    assert.ok(Math.min(...gaps) > 900, `the logs were looked at after ${gaps} ms`);

    const expected = {
      'preflight-headers': /^yes; access-control-allow-headers: authorization, content-type$/,
      'preflight-x-client-request-id': /^no \(204\)$/,
      'preflight-max-age': /^access-control-max-age: 600$/,
      'error-400': /^400, application\/json.*prompt.*x-inference-id is another, UUID: /,
      'error-401': /^401, .*valid API key/,
      'error-404': /^404, .*x-inference-id is the id$/,
      'error-malformed-id': /^404, .*no x-inference-id$/,
      'exposed-headers': /x-aimlapi-usd-spent; retry-after: no$/,
      'submit-status': /^accepted, 201, in .*, `queued`; \{/,
      'submit-id': /^UUID:stable-audio: /,
      'submit-inference-id': /^x-inference-id is the id$/,
      'submit-client-request-id': /^yes$/,
      'submit-price': /^x-aimlapi-credits-used: 252; /,
      'poll-statuses': /^queued.*completed$/,
      'poll-inference-id': /^x-inference-id is the id$/,
      'job-duration': /^completed /,
      metrics: /^\{"p50":\d+.* of 300 s; here the submit took/,
      'file-address': /\.wav; without a query$/,
      'file-type': /^200; .*; a WAV$/,
      'file-length': /^176444 bytes; .*a head of 44 bytes, then 1 s .*44100 Hz, 16 bit, 2 channels$/,
      'file-ranges': /^206 to bytes=0-99: 100 bytes, bytes 0-99\/176444; accept-ranges: bytes$/,
      'file-cors': /^access-control-allow-origin: \*$/,
      'logs-lag': /^between /,
      'logs-columns': /client_request_id.*inference_id/,
      'logs-client-request-id': /^yes; yes$/,
      'logs-refused': /^yes: failed, cost .*"credits":0/,
      'logs-all': /^all 2$/,
      'billing-hold': /^after the submit 252 credits .*after the end 252 credits/,
      'billing-charge': /^504 credits .* for 2, expected: 504$/,
      'stream-submit': /^accepted, 201, .*chunked$/,
      'stream-job': /^completed$/,
    };
    for (const [name, pattern] of Object.entries(expected)) assert.match(seen[name], pattern, name);
  });

  it('npm run live prints the table, and writes the JSON to a file that is named', async (test) => {
    const emulator = await open(test);
    const folder = await mkdtemp(join(tmpdir(), 'stable-audio-live-'));
    try {
      const file = join(folder, 'live.json');
      const { output } = await runLive(emulator, ['--json', file]);
      assert.match(output, /^question +assumed +seen$/m);
      const { rows } = JSON.parse(await readFile(file, 'utf8'));
      assert.ok(rows.every(({ question, assumed, seen }) => question && assumed && seen));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  for (const [what, fault] of [
    ['a connection that is reset', { reset: 'after' }],
    ['a 500', { status: 500, after_accept: true }],
    ['an answer without any id', { after_accept: true, body: {}, headers: { 'x-inference-id': '' } }],
    ['no answer', { hang: true, after_accept: true }],
  ]) {
    it(`npm run live finds a submit in the logs after ${what}, and does not send it again`, async (test) => {
      const emulator = await open(test);
      await emulator.plan({ submit: [{ pass: true }, fault] });
      const { said, result, seen } = await runLiveAsJson(emulator);
      const { posts, charged } = await spending(emulator);
      assert.deepEqual([posts.length, charged.length], [2, 1]);
      assert.match(seen['submit-status'], /^unknown.*then found in the logs: accepted/);
      assert.deepEqual([result.generations[0].id, result.generations[0].outcome], [charged[0], 'completed'], said);
      assert.ok(said.includes(charged[0]));
      assert.match(seen['file-type'], /a WAV$/);
    });
  }

  it('npm run live does not poll a submit that failed according to the logs', async (test) => {
    const emulator = await open(test);
    await emulator.plan({ submit: [{ pass: true }, { after_accept: true, status: 500, finish: true, fail: 'null' }] });
    const { code, result, seen } = await runLiveAsJson(emulator);
    assert.deepEqual([code, result.generations[0].outcome], [1, 'failed']);
    assert.match(seen['submit-status'], /^unknown .*not billed.*then found in the logs: failed/);
    const { posts, charged } = await spending(emulator);
    assert.deepEqual([posts.length, charged], [2, []]);
  });

  it('npm run live takes the id from the headers of a response whose body is truncated', async (test) => {
    const emulator = await open(test);
    await emulator.plan({ submit: [{ pass: true }, { truncate: 5 }] });
    const { result, seen } = await runLiveAsJson(emulator);
    assert.equal(result.generations[0].outcome, 'completed');
    assert.match(seen['submit-status'], /^accepted, 201/);
    assert.equal((await spending(emulator)).posts.length, 2);
  });

  it('npm run live submits nothing more while the outcome of a submit is unknown', async (test) => {
    const emulator = await open(test, { logs_lag_ms: 3_600_000 });
    await emulator.plan({ submit: [{ pass: true }, { reset: 'after' }] });
    const { code, result, seen, failed } = await runLiveAsJson(emulator, ['--stream']);
    assert.equal(code, 1);
    assert.equal((await spending(emulator)).posts.length, 2);
    assert.deepEqual(
      result.generations.map(({ outcome }) => outcome),
      ['unknown'],
    );
    assert.match(seen['submit-status'], /^unknown.*not found in the logs$/);
    assert.match(seen['stream-submit'], /not sent: of the submit before nobody knows what became/);
    assert.ok(!failed.includes('billing-charge') && !failed.includes('preflight'));
  });

  it('npm run live spends nothing with an invalid key', async (test) => {
    const emulator = await open(test);
    await emulator.plan({ poll: [{ status: 401, times: 9 }] });
    const { code, result, seen } = await runLiveAsJson(emulator, ['--stream']);
    assert.deepEqual([code, result.generations], [1, []]);
    assert.deepEqual((await spending(emulator)).posts, []);
    assert.match(seen['error-404'], /^401/);
    assert.equal(seen['submit-status'], 'not asked: the key is refused: 401');
  });

  it('npm run live answers the other questions if some fail', async (test) => {
    const emulator = await open(test);
    await emulator.plan({
      preflight: [{ reset: 'before', times: 9 }],
      logs: [{ status: 403, times: 99 }],
      billing: [{ html: true, times: 9 }],
      file: [{ reset: 'before', times: 9 }],
    });
    const { code, result, failed } = await runLiveAsJson(emulator);
    assert.deepEqual([code, result.generations[0].outcome], [0, 'completed']);
    const parts = new Set(failed.map((name) => name.split('-')[0]));
    assert.deepEqual(parts, new Set(['http', 'preflight', 'file', 'logs', 'billing']));
    const { seen } = result.rows.find(({ name }) => name === 'logs-lag');
    assert.match(seen, /^failed: the logs answered 403/);
  });
});

async function open(test, settings) {
  const emulator = await openEmulator();
  test.after(emulator.stop);
  await emulator.reset({ speed: 8, logs_lag_ms: 500, ...settings });
  return emulator;
}
