// Arguments: read by name, once, and never from `Object.prototype`, which other scripts may have polluted.

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';

import { StableAudio, StableAudioError, generateAudio } from '../../dist/index.js';

const apiKey = 'test-key';
const track = 'https://cdn.test/track.wav';

/** A service that takes no time; `requests` are what it was asked. */
function service(replies = {}) {
  const requests = [];
  const fetch = async (url, init) => {
    requests.push({ url, ...init, body: init.body && JSON.parse(init.body) });
    const body = { id: 'x', status: 'completed', audio_file: { url: track }, ...replies[init.method] };
    return { status: 200, text: async () => JSON.stringify(body) };
  };
  return { requests, fetch };
}

const refused = (call) => assert.rejects(call, { code: 'invalid_argument', retryable: false });

describe('arguments', () => {
  const pollution = [];
  const pollute = (name, value) => {
    pollution.push(name);
    // oxlint-disable-next-line no-extend-native -- what a page's other scripts do
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true, enumerable: true });
  };
  afterEach(() => {
    for (const name of pollution.splice(0)) delete Object.prototype[name];
  });

  it('options are never read from Object.prototype', async () => {
    const { fetch, requests } = service();
    pollute('baseUrl', 'https://evil.example');
    pollute('steps', 1000);
    pollute('timeoutMs', 1);
    pollute('signal', AbortSignal.abort());
    await new StableAudio({ apiKey, fetch }).submit('x');
    await generateAudio({ prompt: 'x' }, { apiKey, fetch });
    for (const { url, body } of requests.filter(({ method }) => method === 'POST')) {
      assert.match(url, /^https:\/\/api\.aimlapi\.com\//);
      assert.deepEqual(body, { model: 'stable-audio', prompt: 'x' });
    }
  });

  it('replies and snapshots are never read from Object.prototype', async () => {
    pollute('status', 'error');
    pollute('audio_file', { url: 'https://evil.example/x.wav' });
    pollute('lastError', { code: 'network' });
    pollute('httpStatus', 500);
    const replies = {
      POST: { status: undefined, audio_file: undefined },
      GET: { status: 'generating', audio_file: null },
    };
    const client = new StableAudio({ apiKey, fetch: service(replies).fetch });
    const submitted = await client.submit('x');
    assert.deepEqual([submitted.status, submitted.audio], ['queued', undefined]);
    const checked = await client.check({ id: 'x', status: 'queued', polling: {} });
    assert.deepEqual([checked.status, checked.polling.checks], ['generating', 1]);
    assert.equal(Object.hasOwn(checked.polling, 'lastError'), false);
  });

  it('a mock’s reply without a status is a success, whatever is on Object.prototype', async () => {
    pollute('status', 500);
    const reply = { ok: true, json: async () => ({ id: 'x', status: 'queued' }) };
    const client = new StableAudio({ apiKey, fetch: async () => reply });
    assert.equal((await client.submit('x')).id, 'x');
  });

  it('arguments may be class instances with getters and inherited properties', async () => {
    const { fetch, requests } = service();
    class Base {
      apiKey = apiKey;
      get fetch() {
        return fetch;
      }
    }
    class Config extends Base {
      region = 'eu';
      get baseUrl() {
        return 'https://my-proxy.example/api';
      }
      describe() {}
    }
    await new StableAudio(new Config()).submit('x');
    assert.equal(requests[0].url, 'https://my-proxy.example/api/v2/generate/audio');
    class Wanted {
      get prompt() {
        return 'rain';
      }
      get steps() {
        return 7;
      }
    }
    await new StableAudio({ apiKey, fetch }).submit(new Wanted());
    assert.deepEqual(requests[1].body, { model: 'stable-audio', prompt: 'rain', steps: 7 });
  });

  it('the key may be a property that is not enumerable', async () => {
    const { fetch, requests } = service();
    const options = Object.defineProperty({ fetch }, 'apiKey', { value: apiKey, enumerable: false });
    await new StableAudio(options).submit('x');
    assert.equal(requests[0].headers.Authorization, `Bearer ${apiKey}`);
  });

  it('a signal may be inherited, and an AbortController may be given as the options', async () => {
    const controller = new AbortController();
    controller.abort();
    for (const options of [
      controller,
      Object.create({ signal: AbortSignal.abort() }),
      { signal: AbortSignal.abort() },
    ]) {
      const { fetch, requests } = service();
      await assert.rejects(new StableAudio({ apiKey, fetch }).generate('x', options), { code: 'aborted' });
      assert.equal(requests.length, 0);
    }
  });

  it('arguments of other built-in classes are rejected', async () => {
    for (const options of [new Map([['apiKey', 'k']]), new Date(), new URLSearchParams(), AbortSignal.abort(), /x/]) {
      const { fetch, requests } = service();
      await refused(new StableAudio(options).submit('x'));
      await refused(new StableAudio({ apiKey, fetch }).generate('x', options));
      await refused(new StableAudio({ apiKey, fetch }).submit(options));
      await refused(new StableAudio({ apiKey, fetch }).check(options));
      assert.equal(requests.length, 0);
    }
  });

  it('options are read once', async () => {
    const reads = [];
    const { fetch } = service();
    const options = {
      get apiKey() {
        reads.push('apiKey');
        return apiKey;
      },
      get fetch() {
        reads.push('fetch');
        return fetch;
      },
    };
    const client = new StableAudio(options);
    await client.submit('x');
    await client.submit('x');
    assert.deepEqual(reads, ['apiKey', 'fetch']);
  });

  it('optional arguments may be undefined, and maxConcurrent may be of any size', async () => {
    const { fetch } = service();
    for (const maxConcurrent of [undefined, 1, 2 ** 32, 2 ** 53, Infinity]) {
      const client = new StableAudio({ apiKey, fetch, maxConcurrent, baseUrl: undefined });
      assert.equal(await client.generate({ prompt: 'x', steps: undefined }, { signal: undefined }), track);
    }
    await refused(new StableAudio({ apiKey, fetch, maxConcurrent: 0.5 }).generate('x'));
  });

  it('StableAudioError.fromJSON accepts any value', () => {
    const hostile = {
      get code() {
        throw new Error('no');
      },
    };
    for (const data of [
      undefined,
      null,
      5,
      'x',
      [],
      hostile,
      Proxy.revocable({}, {}).proxy,
      { code: 5, generation: 7 },
    ]) {
      const error = StableAudioError.fromJSON(data);
      assert.ok(error instanceof StableAudioError);
      assert.deepEqual([typeof error.code, typeof error.message, error.generation], ['string', 'string', undefined]);
    }
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    assert.ok(StableAudioError.fromJSON(proxy) instanceof StableAudioError);
    const data = {
      code: 'deadline',
      message: 'm',
      retryable: true,
      httpStatus: 503,
      requestId: 'r',
      generation: { id: 'x' },
    };
    assert.deepEqual(StableAudioError.fromJSON(data).toJSON(), data);
  });
});
