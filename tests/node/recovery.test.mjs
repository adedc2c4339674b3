// Recovery of a lost submit, without a browser: the client calls the server half as its `fetch`, in simulated
// time. The emulator's ledger tells what was charged.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

import { openEmulator } from '../support/emulator.mjs';
import { unpackPackage } from '../support/packed-package.mjs';
import { stopClocks } from '../server/support/clock.mjs';
import { demoKey } from '../../tools/emulator.mjs';

const own = '0b0e7a3e-6f0d-4a0e-9a55-0f6a53c6a2c1';
const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

const lose = async () => {
  throw new TypeError('fetch failed');
};
/** The reply without its id header, and with this share of its body. */
const cut = (share) => async (forward) => {
  const reply = await forward();
  const bytes = await reply.bytes();
  const chunks = [bytes.subarray(0, Math.floor(bytes.length * share))];
  const body = new ReadableStream({
    pull: (controller) =>
      chunks.length > 0 ? controller.enqueue(chunks.pop()) : controller.error(new TypeError('cut')),
  });
  return new Response(body, { status: reply.status });
};
const page = async () => new Response('<h1>Bad gateway</h1>', { status: 502 });

/** Faults of the first submit: functions of another that forwards it. */
const faults = {
  'that is lost before it arrives': lose,
  'whose reply is lost': (forward) => forward().then(lose),
  'whose reply is cut after its headers': cut(0),
  'whose reply is cut within its body': cut(0.5),
  'that has no reply at all': (forward) => forward().then(() => new Promise(() => {})),
  'that an error page answers before it arrives': page,
  'that an error page answers': (forward) => forward().then(page),
  'that is repeated on its way': async (forward) => (await Promise.all([forward(), forward()]))[0],
};
const posts = (requests) => requests.filter(({ method }) => method === 'POST').length;

describe('a submit with recovery', { timeout: 120_000 }, () => {
  let packed, library, half, emulator, clock;
  before(async () => {
    packed = await unpackPackage();
    const load = (name) => import(pathToFileURL(join(packed.folder, 'dist', name)));
    library = await load('index.js');
    half = await load('server.js');
    emulator = await openEmulator({ speed: 400 });
  });
  after(async () => {
    await emulator?.stop();
    await packed?.remove();
  });
  beforeEach(async () => {
    await emulator.reset();
    clock = stopClocks();
  });
  afterEach(() => clock.restore());

  const settle = async (call, limit) => (await clock.settle(call, limit)).value;
  const failed = (call) =>
    settle(
      call.then(
        (value) => assert.fail(`resolved to ${JSON.stringify(value)}`),
        (error) => error,
      ),
      700_000,
    );
  async function ledger() {
    const { generations, requests } = await emulator.ledger();
    return { charges: generations.filter(({ charged }) => charged > 0).length, submits: posts(requests) };
  }

  /** A client and its requests; `faults` apply to its submits in order. */
  function connect(options, forward, faults = []) {
    const requests = [];
    const fetch = async (url, init) => {
      requests.push({ url, ...init });
      const fault = init.method === 'POST' && faults.shift();
      return fault ? fault(() => forward(url, init)) : forward(url, init);
    };
    return { client: new library.StableAudio({ fetch, ...options }), requests };
  }

  /** A client of a server half that has run for ten minutes. */
  async function throughServer(faults, options) {
    const handler = half.createHandler({
      apiKey: demoKey,
      authorize: () => 'ada',
      baseUrl: emulator.url,
      store: half.memoryStore({ onlyProcess: true }),
      ...options,
    });
    const forward = (url, init) => handler(new Request(url, init));
    const recovery = { baseUrl: 'https://app.test/api', recovery: 'server' };
    const connected = connect(recovery, forward, faults);
    await settle(forward('https://app.test/api/v2/generate/audio?idempotency_key=first'));
    await clock.advance(600_000);
    return connected;
  }

  const byLogs = (faults) => connect({ baseUrl: emulator.url, apiKey: demoKey, recovery: 'logs' }, fetch, faults);

  describe("recovery: 'server'", () => {
    for (const [name, fault] of Object.entries(faults)) {
      it(`a submit ${name} is recovered, charged once`, async () => {
        const { client, requests } = await throughServer([fault]);
        assert.match(await settle(client.generate('rain')), /^http.*\.wav$/);
        assert.deepEqual(await ledger(), { charges: 1, submits: 1 });
        const keys = requests.flatMap(({ headers }) => headers['Idempotency-Key'] ?? []);
        assert.equal(new Set(keys).size, 1);
        assert.match(JSON.parse(keys[0]), uuid);
      });
    }

    it('two submits with one key create one generation', async () => {
      const { client } = await throughServer();
      const [one, two] = await settle(Promise.all([1, 2].map(() => client.submit('rain', { idempotencyKey: own }))));
      assert.equal(one.id, two.id);
      assert.equal(
        await settle(client.generate('rain', { idempotencyKey: own })),
        await settle(client.generate('rain', { idempotencyKey: own })),
      );
      assert.deepEqual(await ledger(), { charges: 1, submits: 1 });
    });

    it('submits with two keys create two generations', async () => {
      const { client } = await throughServer();
      await settle(Promise.all([client.submit('rain'), client.submit('rain')]));
      assert.deepEqual(await ledger(), { charges: 2, submits: 2 });
    });

    it("recover with recovery: 'server' gives the generation, which can be waited for", async () => {
      const { client } = await throughServer();
      const submittedAt = Date.now();
      const { id } = await settle(client.submit('rain', { idempotencyKey: own }));
      const generation = await settle(client.recover(own, { submittedAt }));
      assert.equal(generation.id, id);
      assert.equal(generation.submittedAt, submittedAt);
      assert.match((await settle(client.waitFor(generation))).url, /\.wav$/);
      assert.equal((await settle(client.recover(own))).id, id);
      assert.deepEqual(await ledger(), { charges: 1, submits: 1 });
    });

    it('recover gives undefined if the submit certainly never arrived, and only with submittedAt', async () => {
      const { client, requests } = await throughServer();
      assert.equal(await settle(client.recover(own, { submittedAt: Date.now() - 1000 })), undefined);
      const error = await failed(client.recover(own));
      assert.deepEqual([error.code, error.idempotencyKey], ['submit_unknown', own]);
      const long = await failed(client.recover(own, { submittedAt: Date.now() - 3_600_000 }));
      assert.equal(long.code, 'submit_unknown');
      assert.equal(posts(requests), 0);
    });

    it('a submit stays unknown if the server cannot know, and is retryable with the caller’s own key', async () => {
      for (const idempotencyKey of [own, undefined]) {
        const { client, requests } = await throughServer([]);
        await emulator.plan({ submit: [{ status: 500, after_accept: true }] });
        const error = await failed(client.generate('rain', { idempotencyKey, timeoutMs: 20_000 }));
        assert.equal(error.code, 'submit_unknown');
        assert.equal(error.retryable, Boolean(idempotencyKey));
        assert.equal(JSON.stringify(error.idempotencyKey), requests[0].headers['Idempotency-Key'].toString());
        assert.match(error.message, /billed.*recover/);
        assert.equal(posts(requests), 1);
      }
    });

    it('a failed generation is not retryable with the caller’s own key', async () => {
      for (const idempotencyKey of [own, undefined]) {
        const { client } = await throughServer();
        await emulator.plan({ submit: [{ fail: 'message', finish: true }] });
        const { code, retryable } = await failed(client.generate('rain', { idempotencyKey }));
        assert.deepEqual([code, retryable], ['generation_failed', !idempotencyKey]);
      }
    });

    it('a submit that is aborted while its outcome is unknown has a key on its error, and can be recovered', async () => {
      const { client, requests } = await throughServer([faults['whose reply is lost']]);
      const controller = new AbortController();
      const call = client.generate('rain', { signal: controller.signal });
      const rejected = assert.rejects(call, {
        code: 'aborted',
        retryable: false,
        message: /have been created and billed/,
      });
      await clock.advance(100);
      controller.abort();
      await rejected;
      const { idempotencyKey } = await call.catch((error) => error);
      const sent = requests.length;
      await clock.advance(60_000);
      assert.equal(requests.length, sent);
      assert.match(idempotencyKey, uuid);
      const { id } = await settle(client.recover(idempotencyKey));
      assert.deepEqual(
        (await emulator.ledger()).generations.map(({ id }) => id),
        [id],
      );
    });

    it('generateAudio takes the options of recovery', async () => {
      const requests = [];
      const fetch = async (_url, init) => {
        requests.push(init);
        return Response.json({ id: 'a', status: 'completed', audio_file: 'https://cdn.test/a.wav' });
      };
      const options = { baseUrl: 'https://app.test/api', recovery: 'server', idempotencyKey: own, fetch };
      assert.equal(await settle(library.generateAudio('rain', options)), 'https://cdn.test/a.wav');
      assert.equal(requests[0].headers['Idempotency-Key'], `"${own}"`);
    });

    it('errors keep their idempotency key through JSON', async () => {
      const { client } = await throughServer();
      await emulator.plan({ submit: [{ status: 500, after_accept: true }] });
      const error = await failed(client.generate('rain', { timeoutMs: 5000 }));
      const again = library.StableAudioError.fromJSON(JSON.parse(JSON.stringify(error)));
      assert.deepEqual(library.StableAudioError.fromJSON(error).toJSON(), error.toJSON());
      assert.match(again.idempotencyKey, uuid);
      assert.deepEqual(again.toJSON(), error.toJSON());
      assert.equal(library.StableAudioError.fromJSON({ idempotencyKey: 5 }).idempotencyKey, undefined);
    });
  });

  describe("recovery: 'logs'", () => {
    it('a submit that was rejected at first is recovered from the row of its second try', async () => {
      const row = { client_request_id: own, status: 'failed', inference_id: 'refused' };
      const looks = [[row], [{ ...row, status: 'succeeded', inference_id: 'real' }, row]];
      const replies = [() => Response.json({ message: 'too many' }, { status: 429 }), lose];
      const polled = [];
      const service = async (url, { method }) => {
        if (method === 'POST') return replies.shift()();
        if (url.includes('/v2/logs')) return Response.json({ data: looks.shift() });
        polled.push(new URL(url).searchParams.get('generation_id'));
        return Response.json({ status: 'completed', audio_file: 'https://cdn.test/a.wav' });
      };
      const { client } = connect({ apiKey: demoKey, recovery: 'logs' }, service);
      assert.equal(await settle(client.generate('rain', { idempotencyKey: own })), 'https://cdn.test/a.wav');
      assert.deepEqual(polled, ['real']);
    });

    const {
      'that is lost before it arrives': _,
      'that an error page answers before it arrives': __,
      'that is repeated on its way': ___,
      ...found
    } = faults;
    for (const [name, fault] of Object.entries(found)) {
      it(`a submit ${name} is recovered, charged once`, async () => {
        await emulator.reset({ logs_lag_ms: 500 });
        const { client, requests } = byLogs([fault]);
        assert.match(await settle(client.generate('rain')), /^http.*\.wav$/);
        assert.deepEqual(await ledger(), { charges: 1, submits: 1 });
        assert.match(requests[0].headers['X-Client-Request-Id'], uuid);
        assert.equal(requests[0].headers['Idempotency-Key'], undefined);
      });
    }

    it("a submit that is lost before it arrives stays unknown with recovery: 'logs', and is never sent again", async () => {
      const { client, requests } = byLogs([lose]);
      const error = await failed(client.generate('rain', { idempotencyKey: own }));
      assert.deepEqual([error.code, error.retryable, error.idempotencyKey], ['submit_unknown', false, own]);
      assert.equal(posts(requests), 1);
      assert.deepEqual(await ledger(), { charges: 0, submits: 0 });
    });

    it("recover with recovery: 'logs' gives the generation, or asks until its deadline", async () => {
      const { client } = byLogs();
      const { id } = await settle(client.submit('rain', { idempotencyKey: own }));
      assert.equal((await settle(client.recover(own))).id, id);
      const { code } = await failed(client.recover('another', { timeoutMs: 30_000 }));
      assert.equal(code, 'submit_unknown');
    });

    it('a submit is unknown at once if the key may not read the logs', async () => {
      await emulator.plan({ logs: [{ status: 403 }] });
      const { client, requests } = byLogs([faults['whose reply is lost']]);
      const { code, httpStatus } = await failed(client.generate('rain'));
      assert.deepEqual([code, httpStatus], ['submit_unknown', 403]);
      assert.equal(requests.length, 2);
    });
  });

  describe('invalid options of recovery', () => {
    const key = '1 to 128 of A-Z a-z 0-9 . _ : -';
    const server = { baseUrl: 'https://app.test/api', recovery: 'server' };
    const mistakes = {
      "with recovery: 'server' at the service itself": [
        { apiKey: 'a', recovery: 'server' },
        {},
        /`baseUrl`.*the service itself/,
      ],
      'with a recovery of another name': [
        { ...server, recovery: 'log' },
        {},
        /`recovery` is a string; expected 'server' or 'logs'/,
      ],
      'with an empty key': [
        server,
        { idempotencyKey: '' },
        new RegExp(`\`idempotencyKey\` is a string; expected ${key}`),
      ],
      'with a key that has a space': [server, { idempotencyKey: 'a b' }, /`idempotencyKey`/],
      'with a key of 129 letters': [server, { idempotencyKey: 'a'.repeat(129) }, /`idempotencyKey`/],
      'with a key that is no text': [server, { idempotencyKey: 5 }, /`idempotencyKey` is 5/],
      'with the key under another name': [server, { idempotencykey: own }, /`idempotencykey`.*`idempotencyKey`/],
    };
    for (const [name, [options, given, message]] of Object.entries(mistakes)) {
      it(`a call ${name} is rejected, and nothing is sent`, async () => {
        const { client, requests } = connect(options, () => assert.fail('it was sent'));
        const error = await failed(client.generate('rain', given));
        assert.equal(error.code, 'invalid_argument');
        assert.match(error.message, message);
        assert.equal(requests.length, 0);
      });
    }

    it('recover without recovery, without a key, or with an invalid submittedAt is rejected', async () => {
      const plain = connect({ baseUrl: 'https://app.test/api' }, () => assert.fail('it was sent'));
      const { client } = connect(server, () => assert.fail('it was sent'));
      const errors = await Promise.all(
        [
          plain.client.recover(own),
          client.recover(),
          client.recover('a b'),
          client.recover(own, { submittedAt: 'now' }),
        ].map(failed),
      );
      for (const { code } of errors) assert.equal(code, 'invalid_argument');
      assert.match(errors[0].message, /`recovery` is missing/);
      assert.match(errors[1].message, new RegExp(`idempotencyKey is missing; expected ${key}`));
      assert.match(errors[2].message, /idempotencyKey is a string/);
      assert.match(errors[3].message, /`submittedAt` is a string/);
    });

    for (const [name, crypto, sent] of [
      ['there is none', undefined, 0],
      ['it has no random numbers', {}, 0],
      ['it gives the same each time', { getRandomValues: (bytes) => bytes.fill(7) }, 1],
    ]) {
      it(`a submit without a key is unsupported if crypto cannot make one: ${name}`, async (test) => {
        const { client, requests } = connect(server, () => Response.json({ id: 'a', status: 'queued' }));
        test.mock.getter(globalThis, 'crypto', () => crypto);
        for (let times = 0; times < sent; times += 1) await settle(client.submit('rain'));
        const error = await failed(client.submit('rain'));
        assert.equal(error.code, 'unsupported');
        assert.match(error.message, /crypto.*nothing was spent/);
        assert.equal(requests.length, sent);
        assert.equal((await settle(client.submit('rain', { idempotencyKey: own }))).id, 'a');
      });
    }
  });
});
