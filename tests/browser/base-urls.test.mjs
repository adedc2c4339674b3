// The base URL: which are accepted, and where requests and the key are sent.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { openWithFixtures } from './fixtures/open.mjs';
import { engine } from './harness.mjs';

/** By name: base URLs that are rejected, and what the message says. */
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

/** Base URLs that are accepted, and the URL that requests then have. */
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

describe(`a base URL in ${engine}`, { timeout: 240_000 }, () => {
  let harness;
  before(async () => {
    harness = await openWithFixtures({ speed: 400 });
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
    await harness.page.open();
    await harness.page.run(async () => {
      const { StableAudio } = await import('stable-audio-client');
      const fixtures = await import('/fixtures.js');
      Object.assign(window, { context: { StableAudio, fixtures } });
    });
  });

  it('nothing is sent to a base URL that is insecure or invalid', async () => {
    const seen = await harness.page.run(
      async (refused) => {
        const { StableAudio, fixtures } = window.context;
        const seen = {};
        for (const [name, baseUrl] of refused) {
          const { fetch, requests } = fixtures.service();
          const ends = [];
          for (const apiKey of [fixtures.key, () => fixtures.key]) {
            const { rejection } = await fixtures.settle(new StableAudio({ apiKey, baseUrl, fetch }).submit('rain'));
            ends.push(rejection);
          }
          seen[name] = { ends, sent: requests.length };
        }
        return seen;
      },
      Object.entries(refused).map(([name, [baseUrl]]) => [name, baseUrl]),
    );
    for (const [name, { ends, sent }] of Object.entries(seen)) {
      assert.equal(sent, 0, name);
      for (const rejection of ends) {
        assert.equal(rejection?.code, 'invalid_argument', name);
        assert.match(rejection.message, refused[name][1], name);
        assert.ok(!rejection.message.includes('secret-word'), rejection.message);
      }
    }
  });

  it('the key is sent over https, to this machine, and to the page’s own origin', async () => {
    const { seen, origin } = await harness.page.run(async (addresses) => {
      const { StableAudio, fixtures } = window.context;
      const seen = {};
      for (const baseUrl of addresses) {
        const { fetch, requests } = fixtures.service();
        const { rejection } = await fixtures.settle(
          new StableAudio({ apiKey: fixtures.key, baseUrl, fetch }).submit('rain'),
        );
        seen[baseUrl] = rejection?.message ?? requests[0].url;
      }
      return { seen, origin: location.origin };
    }, Object.keys(allowed));
    for (const [baseUrl, url] of Object.entries(allowed)) assert.equal(seen[baseUrl], url.replace('<origin>', origin));
  });

  it('the key may be missing for a proxy, which receives the page’s cookies, but not for the service itself', async () => {
    const seen = await harness.page.run(async () => {
      const { StableAudio, fixtures } = window.context;
      document.cookie = 'session=yes';
      const { fetch, requests } = fixtures.service();
      const service = [{ fetch }, { fetch, baseUrl: 'https://api.aimlapi.com/' }, { fetch, apiKey: '' }];
      const codes = [];
      for (const options of service)
        codes.push((await fixtures.settle(new StableAudio(options).submit('rain'))).rejection?.code);
      const { id } = await new StableAudio({ baseUrl: '/api' }).submit('rain');
      return { codes, sent: requests.length, proxy: JSON.parse(id) };
    });
    assert.deepEqual(seen, {
      codes: Array(3).fill('invalid_argument'),
      sent: 0,
      proxy: { cookie: 'session=yes', method: 'POST' },
    });
  });

  it('a relative base URL is resolved in workers, including blob workers', async () => {
    const seen = await harness.page.run(async () => {
      const { fixtures } = window.context;
      const source = await (await fetch('/worker.js')).text();
      const absolute = source.replace("'/package", `'${location.origin}/package`);
      const blob = URL.createObjectURL(new Blob([absolute], { type: 'text/javascript' }));
      const workers = [new Worker('/worker.js', { type: 'module' }), new Worker(blob, { type: 'module' })];
      return Promise.all(workers.map((worker) => fixtures.postAndReceive(worker, '/api')));
    });
    const url = `${harness.site.url}/api/v2/generate/audio?generation_id=id`;
    assert.deepEqual(seen, [url, url]);
  });
});
