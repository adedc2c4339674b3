// `streamSubmit` with the `fetch` of Node, which also sends streams over HTTP/1.1.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';

import { StableAudio } from '../../dist/index.js';
import { listen } from '../support/listen.mjs';

const accept = (_, response) => response.writeHead(201).end('{"id":"a"}');

describe('a streamed submit', { timeout: 30_000 }, () => {
  let server;
  let respond;
  /** For each POST that arrived, whether it had a Content-Length. */
  let lengths;

  before(async () => {
    const created = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      assert.equal(JSON.parse(body).prompt, 'rain');
      lengths.push('content-length' in request.headers);
      respond(request, response);
    });
    server = await listen(created);
  });
  after(() => server?.close());
  beforeEach(() => (lengths = []));

  function submit(options) {
    return new StableAudio({ baseUrl: server.url, streamSubmit: true, ...options }).submit('rain');
  }

  const refuse = (status) => (request, response) => {
    if (lengths.length > 1) accept(request, response);
    else response.writeHead(status).end('{"message":"no"}');
  };

  it('a streamed submit is accepted', async () => {
    respond = accept;
    assert.equal((await submit()).id, 'a');
    assert.deepEqual(lengths, [false]);
  });

  it('a streamed submit is followed by a buffered one after a 411', async () => {
    respond = refuse(411);
    assert.equal((await submit()).id, 'a');
    assert.deepEqual(lengths, [false, true]);
  });

  it('a streamed submit is not sent again after a 421, as a buffered one is by fetch itself', async () => {
    respond = refuse(421);
    await assert.rejects(submit(), { code: 'rejected', httpStatus: 421 });
    assert.deepEqual(lengths, [false]);
  });

  it('a streamed submit is not sent again after its connection was reset', async () => {
    respond = (request) => request.socket.resetAndDestroy();
    await assert.rejects(submit(), { code: 'submit_unknown' });
    assert.deepEqual(lengths, [false]);
  });

  it('a submit through an injected fetch is buffered', async () => {
    respond = accept;
    assert.equal((await submit({ fetch: (url, init) => fetch(url, init) })).id, 'a');
    assert.deepEqual(lengths, [true]);
  });
});
