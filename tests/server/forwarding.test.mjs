// What the handler sends to the service, and what it passes on of its responses.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { createHandler } from 'stable-audio-client/server';

import { authorize, poll, read, submit, uuid } from './support/asking.mjs';
import { stopClocks } from './support/clock.mjs';
import { lost, openService, refusal, silent } from './support/service.mjs';

const apiKey = 'the-key-of-the-service';
const page = '<html><body>blocked</body></html>';

describe('forwarding', () => {
  let clock;
  let service;
  let ask;
  beforeEach(() => {
    clock = stopClocks();
    service = openService();
    const handle = createHandler({ apiKey, authorize, fetch: service.fetch });
    ask = async (request) => read((await clock.settle(handle(request))).value);
  });
  afterEach(() => clock.restore());

  it('each request is sent once, follows no redirect, and carries no headers of the page', async () => {
    const given = { cookie: 'session=1', authorization: 'Bearer of-the-app', referer: 'https://app.test/' };
    await ask(submit({ headers: given }));
    await ask(poll({ headers: given }));
    for (const { init, headers } of [...service.submits, ...service.polls]) {
      assert.equal(init.redirect, 'manual');
      assert.equal(headers.get('authorization'), `Bearer ${apiKey}`);
      assert.deepEqual([headers.get('cookie'), headers.get('referer')], [null, null]);
    }
    assert.deepEqual([service.submits.length, service.polls.length], [1, 1]);
  });

  it('requests are sent to baseUrl, with or without a trailing slash', async () => {
    for (const baseUrl of ['http://127.0.0.1:9/x', 'http://127.0.0.1:9/x//']) {
      const handle = createHandler({ apiKey, authorize, fetch: service.fetch, baseUrl });
      await handle(submit());
      assert.equal(service.submits.at(-1).url, 'http://127.0.0.1:9/x/v2/generate/audio');
    }
  });

  it('the handler uses the current global fetch', async (test) => {
    const handle = createHandler({ apiKey, authorize });
    test.mock.method(globalThis, 'fetch', service.fetch);
    assert.equal((await handle(submit())).status, 201);
  });

  describe('a poll', () => {
    it('a poll sends the encoded id, and nothing else', async () => {
      const id = 'a:b/c d&generation_id=e#';
      await ask(poll({ id }));
      assert.equal(
        service.polls[0].url,
        `https://api.aimlapi.com/v2/generate/audio?generation_id=${encodeURIComponent(id)}`,
      );
      assert.equal(service.polls[0].init.body, undefined);
    });

    it('a poll passes on status, body, Retry-After and x-inference-id', async () => {
      const text = '{"id":"x",  "status":"generating"}';
      service.replies.push(
        () =>
          new Response(text, {
            status: 202,
            headers: { 'retry-after': '7', 'x-inference-id': 'x', 'set-cookie': 'a=b', server: 'x' },
          }),
      );
      const { status, text: got, headers } = await ask(poll());
      assert.deepEqual([status, got], [202, text]);
      assert.deepEqual([headers.get('retry-after'), headers.get('x-inference-id')], ['7', 'x']);
      assert.deepEqual([headers.get('set-cookie'), headers.get('server')], [null, null]);
      assert.equal(headers.get('content-type'), 'application/json');
    });

    for (const status of [400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504, 524]) {
      it(`a poll passes on a ${status} that is JSON`, async () => {
        service.replies.push(refusal(status));
        const answer = await ask(poll());
        assert.deepEqual([answer.status, answer.body.message], [status, `no: ${status}`]);
      });
    }

    for (const status of [200, 400, 403, 405, 410, 500, 503, 524]) {
      it(`a poll turns a ${status} page into a 502, since a CDN cannot end a paid generation`, async () => {
        service.replies.push(html(status));
        const { status: answered, text, headers } = await ask(poll());
        assert.equal(answered, 502);
        assert.doesNotMatch(text, /</);
        assert.equal(headers.get('content-type'), 'application/json');
      });
    }

    for (const status of [401, 404, 429]) {
      it(`a poll keeps the ${status} of an HTML page, but not the page`, async () => {
        service.replies.push(html(status, { 'retry-after': '9' }));
        const answer = await ask(poll());
        assert.equal(answer.status, status);
        assert.doesNotMatch(answer.text, /</);
        assert.equal(answer.headers.get('retry-after'), '9');
      });
    }

    for (const status of [301, 302, 303, 304, 307, 308, 407, 408, 421, 425]) {
      it(`a poll turns a ${status} into a 502, since browsers handle it themselves`, async () => {
        const body = status === 304 ? null : '{}';
        service.replies.push(() => new Response(body, { status }));
        assert.equal((await ask(poll())).status, 502);
      });
    }

    it('a poll is a 502 if the service cannot be reached', async () => {
      service.replies.push(lost);
      assert.equal((await ask(poll())).status, 502);
    });

    it('a poll and its request are given up after 30 s', async () => {
      service.replies.push(silent);
      const begun = Date.now();
      assert.equal((await ask(poll())).status, 502);
      const ms = Date.now() - begun;
      assert.ok(ms >= 30_000 && ms < 33_000, `after ${ms} ms`);
      assert.ok(service.polls[0].init.signal.aborted);
    });

    it('a poll uses a complete JSON document whose body hangs', async () => {
      service.replies.push(() => new Response(hanging('{"id":"x","status":"completed"}')));
      assert.equal((await ask(poll())).body.status, 'completed');
    });

    it('a poll is a 502 if the body hangs within its document', async () => {
      service.replies.push(() => new Response(hanging('{"id":"x",')));
      assert.equal((await ask(poll())).status, 502);
    });

    it('a poll is a 502 if the body never ends', async () => {
      service.replies.push(() => new Response(endless()));
      assert.equal((await ask(poll())).status, 502);
    });
  });

  describe('a submit without a key', () => {
    for (const status of [400, 401, 403, 429, 500, 503, 524]) {
      it(`a submit without a key passes on a ${status}`, async () => {
        service.replies.push(refusal(status, { 'retry-after': '4' }));
        const answer = await ask(submit());
        assert.deepEqual([answer.status, answer.body.message], [status, `no: ${status}`]);
        assert.equal(answer.headers.get('retry-after'), '4');
      });
    }

    it('a submit without a key passes on a 2xx without an id', async () => {
      service.replies.push(() => Response.json({ status: 'queued', note: 'odd' }));
      const answer = await ask(submit());
      assert.deepEqual([answer.status, answer.body.note], [200, 'odd']);
    });

    it('a submit without a key passes on an HTML page as plain text', async () => {
      service.replies.push(html(403));
      const { status, text, headers } = await ask(submit());
      assert.deepEqual([status, text], [403, page]);
      assert.match(headers.get('content-type'), /^text\/plain/);
    });

    for (const status of [303, 408, 409]) {
      it(`a submit without a key turns a ${status} into a 502, since it may have been billed`, async () => {
        service.replies.push(() => new Response('{}', { status }));
        const { status: answered, body } = await ask(submit());
        assert.deepEqual([answered, body.error.data.kind], [502, 'submit_unknown']);
      });
    }

    for (const status of [301, 302, 307, 308, 407, 421, 425]) {
      it(`a submit without a key turns a ${status} into a 400, and follows nothing`, async () => {
        service.replies.push(() => new Response('{}', { status, headers: { location: 'https://evil.example' } }));
        const { status: answered, headers } = await ask(submit());
        assert.deepEqual([answered, headers.get('location')], [400, null]);
        assert.equal(service.submits.length, 1);
      });
    }

    it('a submit without a key is unknown if the service does not respond for 120 s', async () => {
      service.replies.push(silent);
      const begun = Date.now();
      const { status, body } = await ask(submit());
      const ms = Date.now() - begun;
      assert.deepEqual([status, body.error.data.kind], [502, 'submit_unknown']);
      assert.ok(ms >= 120_000 && ms < 125_000, `after ${ms} ms`);
    });
  });

  it('no response is an HTML page, a redirect or a status that browsers handle themselves', async () => {
    for (let status = 200; status < 600; status++) {
      for (const request of [submit(), submit({ key: `${uuid}.${status}` }), poll()]) {
        const body = [204, 205, 304].includes(status) ? null : page;
        service.replies.push(() => new Response(body, { status, headers: { 'content-type': 'text/html' } }));
        const answer = await ask(request);
        assert.ok(answer.status === 200 || answer.status >= 400, `${status} became ${answer.status}`);
        assert.ok(![407, 408, 421, 425].includes(answer.status), `${status} became ${answer.status}`);
        assert.doesNotMatch(answer.headers.get('content-type'), /html/);
      }
    }
  });

  it('error messages of the service are passed on without the key', async () => {
    for (const request of [submit(), submit({ key: uuid }), poll()]) {
      service.replies.push(() => Response.json({ message: `Incorrect key: ${apiKey}.` }, { status: 401 }));
      const { text } = await ask(request);
      assert.doesNotMatch(text, /the-key-of/);
      assert.match(text, /Incorrect key/);
    }
  });

  it('the body of a submit is a stream in Deno, whose fetch retries any other after a reset', async () => {
    globalThis.Deno = {};
    try {
      await ask(submit({ key: uuid }));
    } finally {
      delete globalThis.Deno;
    }
    const [{ init, body }] = service.submits;
    assert.ok(init.body instanceof ReadableStream);
    assert.equal(init.duplex, 'half');
    assert.deepEqual(body, { model: 'stable-audio', prompt: 'rain' });
  });
});

function html(status, headers) {
  return () => new Response(page, { status, headers: { 'content-type': 'text/html', ...headers } });
}

function hanging(text) {
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (sent) return new Promise(() => {});
      sent = true;
      return controller.enqueue(new TextEncoder().encode(text));
    },
  });
}

function endless() {
  const chunk = new TextEncoder().encode('"'.repeat(65_536));
  return new ReadableStream({ pull: (controller) => controller.enqueue(chunk) });
}
