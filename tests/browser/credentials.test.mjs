// The key: how it is come by, where it may go, and that it shows up nowhere else.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { engine } from './harness.mjs';
import { openStage } from './stage/open.mjs';

const key = 'demo-key';

/** By name: what a key function does instead of giving a usable key. */
const failing = {
  throws: () => {
    throw Object.freeze({ why: 'locked' });
  },
  rejects: () => Promise.reject(Object.freeze({ why: 'locked' })),
  'gives an empty string': () => '',
  'gives nothing': () => {},
  'gives a number': async () => 5,
  'gives a String object': () => Object('demo-key'),
  'gives a key with a line break': () => 'demo-key\n',
  'gives letters that no header may hold': async () => 'schlüssel',
};

/** By name: addresses that a key must not be sent to, or nothing at all. */
const refused = {
  'plain http to another machine': ['http://service.test', /https/],
  'plain http to a name that only looks like this machine': ['http://127.0.0.1.service.test', /https/],
  'plain http to localhost in front of a name': ['http://localhost.service.test', /https/],
  'another host by a protocol-relative address': ['//service.test', /own origin/],
  'another host behind a backslash': ['/\\service.test', /own origin/],
  'another host behind a tab': ['/\t/service.test', /own origin/],
  'credentials in it': ['https://user:secret-word@service.test', /credentials/],
  'a user alone in it': ['https://user@service.test', /credentials/],
  'a query': ['https://service.test/?a=b', /query/],
  'a fragment': ['https://service.test/#a', /fragment/],
  ftp: ['ftp://service.test', /http/],
  'a script': ['javascript:alert(1)', /http/],
  'data in it': ['data:text/plain,hello', /http/],
  'a host that is none': ['https://', /baseUrl/],
};

/** Addresses that a key may be sent to, and where requests then go. */
const allowed = {
  'https://service.test': 'https://service.test/v2/generate/audio',
  'https://service.test/': 'https://service.test/v2/generate/audio',
  'https://service.test/proxy/': 'https://service.test/proxy/v2/generate/audio',
  'https://service.test:8443/a/b': 'https://service.test:8443/a/b/v2/generate/audio',
  'http://localhost:9': 'http://localhost:9/v2/generate/audio',
  'http://127.8.7.6:9': 'http://127.8.7.6:9/v2/generate/audio',
  'http://127.1:9': 'http://127.0.0.1:9/v2/generate/audio',
  'http://[::1]:9': 'http://[::1]:9/v2/generate/audio',
  '/api': '<origin>/api/v2/generate/audio',
  '/api/': '<origin>/api/v2/generate/audio',
  api: '<origin>/api/v2/generate/audio',
  '/': '<origin>/v2/generate/audio',
};

describe(`the key in ${engine}`, { timeout: 240_000 }, () => {
  let harness;
  let emulator;
  before(async () => {
    harness = await openStage({ speed: 400 });
    emulator = harness.emulator;
    harness.site.add(
      '/worker.js',
      `import { StableAudio } from '/package/dist/index.js';
      onmessage = async ({ data: baseUrl }) => {
        let seen;
        const fetch = (url) => { seen = url; throw new Error('no'); };
        await new StableAudio({ baseUrl, fetch }).check('id').catch((error) => (seen = error.message));
        postMessage(seen);
      };`,
    );
    harness.site.add('/api/v2/generate/audio', (request, response) => {
      const { authorization, cookie } = request.headers;
      response.writeHead(201, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ id: JSON.stringify({ authorization, cookie, method: request.method }) }));
    });
  });
  after(() => harness?.close());
  beforeEach(async () => {
    await emulator.reset();
    await harness.page.open();
    await harness.page.run(async (baseUrl) => {
      const { StableAudio, generateAudio } = await import('stable-audio-client');
      const stage = await import('/stage.js');
      Object.assign(window, { at: { StableAudio, generateAudio, stage, baseUrl } });
    }, emulator.url);
  });

  for (const [name, apiKey] of Object.entries({
    'a string': "'demo-key'",
    'a function': "() => 'demo-key'",
    'an async function': "async () => 'demo-key'",
    'a function that gives a thenable': "() => window.at.stage.thenable((resolve) => resolve('demo-key'))",
  })) {
    it(`may be ${name}`, async () => {
      await emulator.plan({ submit: [{ finish: true }] });
      const url = await harness.page.run(`async () => {
        const { StableAudio, baseUrl } = window.at;
        return new StableAudio({ apiKey: ${apiKey}, baseUrl }).generate('rain');
      }`);
      assert.match(url, /\.wav$/);
      const { requests } = await emulator.ledger();
      const keys = requests.filter(({ path, method }) => path.startsWith('/v2') && method !== 'OPTIONS');
      assert.ok(keys.length === 1 && keys.every((request) => request.key === 'demo'), JSON.stringify(keys));
    });
  }

  it('is asked for before every request, with a signal of its own', async () => {
    const asked = await harness.page.run(async () => {
      const { StableAudio, stage } = window.at;
      const asked = [];
      const { fetch, requests } = stage.service(['queued', 'completed']);
      const apiKey = ({ signal, afterUnauthorized, ...rest }) => {
        const known = signal instanceof AbortSignal && !signal.aborted;
        asked.push([known, afterUnauthorized, Object.keys(rest), requests.length]);
        return `key-${asked.length}`;
      };
      const client = new StableAudio({ apiKey, baseUrl: stage.elsewhere, fetch });
      await client.generate('rain', { pollIntervalMs: 1000 });
      return { asked, keys: requests.map((request) => request.key) };
    });
    assert.deepEqual(asked, {
      asked: [0, 1, 2].map((before) => [true, false, [], before]),
      keys: ['Bearer key-1', 'Bearer key-2', 'Bearer key-3'],
    });
  });

  for (const kind of ['submit', 'poll']) {
    it(`is asked for again after a 401 to a ${kind}, and the new one is used`, async () => {
      await emulator.plan({ [kind]: [{ status: 401 }] });
      const { asked, url } = await harness.page.run(async () => {
        const { StableAudio, baseUrl, stage } = window.at;
        const asked = [];
        const apiKey = ({ afterUnauthorized }) => {
          asked.push(afterUnauthorized);
          // The emulator refuses whatever the plan says, and takes no other key.
          return asked.includes(true) ? 'demo-key' : 'stale-key';
        };
        const fetch = stage.withKey(stage.key);
        const client = new StableAudio({ apiKey, baseUrl, fetch });
        return { url: await client.generate('rain', { pollIntervalMs: 1000 }), asked };
      });
      assert.match(url, /\.wav$/);
      assert.deepEqual([asked.filter(Boolean).length, asked.indexOf(true)], [1, kind === 'submit' ? 1 : 2]);
      assert.equal((await emulator.ledger()).generations.length, 1);
    });
  }

  it('is not tried again where the function gives the same', async () => {
    await emulator.plan({ submit: [{ status: 401, times: 5 }], poll: [{ status: 401, times: 5 }] });
    const errors = await harness.page.run(async () => {
      const { StableAudio, baseUrl, stage } = window.at;
      const asked = [];
      const apiKey = async ({ afterUnauthorized }) => {
        asked.push(afterUnauthorized);
        return 'demo-key';
      };
      const client = new StableAudio({ apiKey, baseUrl });
      const ends = [await stage.outcome(client.submit('rain')), await stage.outcome(client.waitFor('id'))];
      return { asked, told: ends.map(({ told }) => told) };
    });
    assert.deepEqual(errors.asked, [false, true, false, true]);
    for (const { code, retryable } of errors.told) {
      assert.deepEqual({ code, retryable }, { code: 'unauthorized', retryable: false });
    }
    assert.equal(errors.told[1].generation.id, 'id');
    const { requests } = await emulator.ledger();
    assert.deepEqual(
      [
        requests.filter(({ method }) => method === 'POST').length,
        requests.filter(({ method }) => method === 'GET').length,
      ],
      [1, 1],
    );
  });

  it('that is new and refused as well ends the call: two POSTs, no third', async () => {
    const { told } = await harness.page.run(async () => {
      const { StableAudio, baseUrl, stage } = window.at;
      let count = 0;
      const { told } = await stage.outcome(
        new StableAudio({ apiKey: () => `stale-${(count += 1)}`, baseUrl }).submit('rain'),
      );
      return { told };
    });
    assert.equal(told.code, 'unauthorized');
    const { requests } = await emulator.ledger();
    assert.equal(requests.filter(({ method }) => method === 'POST').length, 2);
  });

  for (const [name, apiKey] of Object.entries(failing)) {
    it(`function that ${name} fails the call before anything is sent`, async () => {
      const { told, cause } = await harness.page.run(`async () => {
        const { StableAudio, baseUrl, stage } = window.at;
        const client = new StableAudio({ apiKey: ${apiKey}, baseUrl });
        const { told, error } = await stage.outcome(client.submit('rain'));
        return { told, cause: error?.cause?.why };
      }`);
      assert.deepEqual([told.code, told.retryable], ['credentials_failed', true], JSON.stringify(told));
      assert.equal(cause, /throws|rejects/.test(name) ? 'locked' : undefined);
      assert.ok(!told.message.includes(key) && !told.message.includes('schl'));
      assert.deepEqual((await emulator.ledger()).requests, []);
    });
  }

  it('function that fails before a poll fails the call with the generation', async () => {
    const told = await harness.page.run(async () => {
      const { StableAudio, baseUrl, stage } = window.at;
      let count = 0;
      const apiKey = () => ((count += 1) > 1 ? '' : stage.key);
      const { told } = await stage.outcome(new StableAudio({ apiKey, baseUrl }).generate('rain'));
      return told;
    });
    const { generations } = await emulator.ledger();
    assert.deepEqual(
      [told.code, told.generation?.id, told.retryable],
      ['credentials_failed', generations[0].id, false],
    );
  });

  it('function that never settles meets the deadline, and its signal is aborted', async () => {
    const { told, aborted } = await harness.page.run(async () => {
      const { StableAudio, baseUrl, stage } = window.at;
      let given;
      const apiKey = ({ signal }) => {
        given = signal;
        return new Promise(() => {});
      };
      const { told } = await stage.outcome(new StableAudio({ apiKey, baseUrl }).submit('rain', { timeoutMs: 100 }));
      return { told, aborted: given.aborted };
    });
    assert.deepEqual([told.code, told.retryable, aborted], ['deadline', true, true]);
    assert.deepEqual((await emulator.ledger()).requests, []);
  });

  it('goes to no address that it could be read at, and nothing goes to one that is none', async () => {
    const seen = await harness.page.run(
      async (refused) => {
        const { StableAudio, stage } = window.at;
        const seen = {};
        for (const [name, baseUrl] of refused) {
          const { fetch, requests } = stage.service();
          const ends = [];
          for (const apiKey of [stage.key, () => stage.key]) {
            const { told } = await stage.outcome(new StableAudio({ apiKey, baseUrl, fetch }).submit('rain'));
            ends.push(told);
          }
          seen[name] = { ends, sent: requests.length };
        }
        return seen;
      },
      Object.entries(refused).map(([name, [baseUrl]]) => [name, baseUrl]),
    );
    for (const [name, { ends, sent }] of Object.entries(seen)) {
      assert.equal(sent, 0, name);
      for (const told of ends) {
        assert.equal(told?.code, 'invalid_argument', name);
        assert.match(told.message, refused[name][1], name);
        assert.ok(!told.message.includes('secret-word'), told.message);
      }
    }
  });

  it('goes over https, to this machine, and to the page’s own origin', async () => {
    const { seen, origin } = await harness.page.run(async (addresses) => {
      const { StableAudio, stage } = window.at;
      const seen = {};
      for (const baseUrl of addresses) {
        const { fetch, requests } = stage.service();
        const { told } = await stage.outcome(new StableAudio({ apiKey: stage.key, baseUrl, fetch }).submit('rain'));
        seen[baseUrl] = told?.message ?? requests[0].url;
      }
      return { seen, origin: location.origin };
    }, Object.keys(allowed));
    for (const [baseUrl, url] of Object.entries(allowed)) assert.equal(seen[baseUrl], url.replace('<origin>', origin));
  });

  it('may be missing for a proxy, which gets the page’s cookies, and not for the service itself', async () => {
    const seen = await harness.page.run(async () => {
      const { StableAudio, stage } = window.at;
      document.cookie = 'session=yes';
      const { fetch, requests } = stage.service();
      const service = [{ fetch }, { fetch, baseUrl: 'https://api.aimlapi.com/' }, { fetch, apiKey: '' }];
      const codes = [];
      for (const options of service)
        codes.push((await stage.outcome(new StableAudio(options).submit('rain'))).told?.code);
      const { id } = await new StableAudio({ baseUrl: '/api' }).submit('rain');
      return { codes, sent: requests.length, proxy: JSON.parse(id) };
    });
    assert.deepEqual(seen, {
      codes: Array(3).fill('invalid_argument'),
      sent: 0,
      proxy: { cookie: 'session=yes', method: 'POST' },
    });
  });

  it('has its relative baseUrl resolved in workers, also in one made of a blob', async () => {
    const seen = await harness.page.run(async () => {
      const { stage } = window.at;
      const source = await (await fetch('/worker.js')).text();
      const absolute = source.replace("'/package", `'${location.origin}/package`);
      const blob = URL.createObjectURL(new Blob([absolute], { type: 'text/javascript' }));
      const workers = [new Worker('/worker.js', { type: 'module' }), new Worker(blob, { type: 'module' })];
      return Promise.all(workers.map((worker) => stage.ask(worker, '/api')));
    });
    const url = `${harness.site.url}/api/v2/generate/audio?generation_id=id`;
    assert.deepEqual(seen, [url, url]);
  });

  it('shows up in no error, URL, snapshot or storage, whatever the service echoes', async () => {
    const echoes = [
      { status: 400, body: { message: `bad key ${key}`, requestId: key, error: { name: key, data: { kind: key } } } },
      { status: 401, body: { title: `Bearer ${key}`, detail: [{ msg: key }] } },
      {
        status: 403,
        body: `${key}`,
        headers: { 'x-inference-id': key, 'access-control-expose-headers': 'x-inference-id' },
      },
      { status: 404, body: { detail: key, requestId: key } },
      { status: 400, body: {}, headers: { 'x-inference-id': key, 'access-control-expose-headers': 'x-inference-id' } },
      { status: 500, body: { message: key } },
    ];
    await emulator.plan({
      submit: echoes,
      poll: [
        { body: { id: '{id}', status: `odd ${key}` }, times: 5 },
        { body: { id: '{id}', status: 'error', error: { message: `no ${key}`, name: key } } },
        ...echoes.slice(0, 3),
        {
          body: {
            id: '{id}',
            status: 'completed',
            audio_file: { url: 'https://a.test/b.wav', file_name: key, content_type: key },
          },
        },
      ],
    });
    const { all, stored } = await harness.page.run(async (count) => {
      const { StableAudio, baseUrl, stage } = window.at;
      const client = new StableAudio({ apiKey: stage.key, baseUrl });
      const logged = [];
      for (const level of ['log', 'info', 'warn', 'error', 'debug']) console[level] = (...words) => logged.push(words);
      // Everything about a value, its hidden properties and its stack too.
      const bare = (value, depth = 0) => {
        if (typeof value !== 'object' || !value || depth > 6) return String(value);
        const own = Reflect.ownKeys(value).map((name) => [String(name), bare(value[name], depth + 1)]);
        return [String(value), JSON.stringify(value), own];
      };
      const all = [];
      const note = async (call) => {
        const { value, error, told } = await stage.soon(call);
        all.push([told?.code ?? value?.status ?? 'done', JSON.stringify(bare(error ?? value))]);
        return error?.generation ?? value;
      };
      for (let i = 0; i < count; i += 1) await note(client.submit('rain'));
      let generation = await note(client.submit('rain'));
      const { id } = generation;
      for (let i = 0; i < 5; i += 1) generation = await note(client.check(generation));
      for (let i = 0; i < 5; i += 1) await note(client.check(id));
      all.push(['log', JSON.stringify(logged)], ['text', document.documentElement.outerHTML]);
      const stored = [document.cookie, { ...localStorage }, { ...sessionStorage }, await indexedDB.databases()];
      return { all, stored: JSON.stringify(stored) };
    }, echoes.length);
    const codes = all.map(([code]) => code);
    for (const code of [
      'rejected',
      'unauthorized',
      'forbidden',
      'submit_unknown',
      'unknown_status',
      'generation_failed',
      'completed',
    ]) {
      assert.ok(codes.includes(code), `${code} is not among ${codes}`);
    }
    for (const [code, text] of all) assert.ok(!text.includes(key), `${code}: ${text}`);
    assert.ok(!stored.includes(key), stored);
    const { requests } = await emulator.ledger();
    for (const { path, query } of requests) assert.ok(!`${path}${query}`.includes(key), `${path}?${query}`);
  });
});
