// The handler behind Node's own server and Express, by srvx's adapter.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';

import express from 'express';
import { toNodeHandler } from 'srvx/node';
import { createHandler } from 'stable-audio-client/server';

import { listen } from '../support/listen.mjs';
import { authorize, uuid } from './support/asking.mjs';
import { waitUntil } from '../support/wait-until.mjs';
import { held, openService } from './support/service.mjs';

const path = '/api/v2/generate/audio';
const body = JSON.stringify({ model: 'stable-audio', prompt: 'rain' });
const headers = { 'content-type': 'application/json', 'x-user': 'ada', 'idempotency-key': `"${uuid}"` };

const servers = {
  Node: (handle) => createServer(toNodeHandler(handle)),
  Express: (handle) => createServer(express().use(toNodeHandler(handle))),
  'Express, mounted at a path': (handle) => createServer(express().use('/api', toNodeHandler(handle))),
  'Express with json()': (handle) => createServer(express().use(express.json()).use(toNodeHandler(handle))),
  'Express with urlencoded()': (handle) =>
    createServer(
      express()
        .use(express.urlencoded({ extended: true }))
        .use(toNodeHandler(handle)),
    ),
};

for (const [name, open] of Object.entries(servers)) {
  describe(`behind ${name}`, { timeout: 30_000 }, () => {
    let server;
    let service;
    let url;
    beforeEach(async () => {
      service = openService();
      const handle = createHandler({ apiKey: 'the-key-of-the-service', authorize, fetch: service.fetch });
      server = await listen(open(handle));
      url = server.url + path;
    });
    afterEach(() => server.close());

    it(`${name} passes submits, repeats, polls and look-ups to the handler`, async () => {
      const one = await fetch(url, { method: 'POST', headers, body });
      assert.deepEqual([one.status, (await one.json()).id], [201, 'generation-1']);
      const two = await fetch(url, { method: 'POST', headers, body });
      assert.equal(two.headers.get('idempotency-replayed'), 'true');
      assert.equal((await fetch(`${url}?generation_id=generation-1`, { headers: { 'x-user': 'ada' } })).status, 200);
      const look = await fetch(`${url}?idempotency_key=${uuid}`, { headers: { 'x-user': 'ada' } });
      assert.equal((await look.json()).state, 'accepted');
      assert.deepEqual(service.submits[0].body, JSON.parse(body));
      assert.equal(service.submits.length, 1);
    });

    it(`${name} answers a body that is too long or empty by 400`, async () => {
      const long = JSON.stringify({ prompt: 'x'.repeat(17_000) });
      for (const body of [long, '', '{}']) {
        const { status } = await fetch(url, { method: 'POST', headers, body });
        assert.equal(status, 400);
      }
      assert.equal(service.submits.length, 0);
    });

    it(`${name} passes the origin of a page to the handler`, async () => {
      const { host, origin } = new URL(url);
      for (const [from, expected] of [
        ['https://evil.example', 403],
        [origin, 201],
        [`https://${host}`, 201],
      ]) {
        const { status } = await fetch(url, { method: 'POST', headers: { ...headers, origin: from }, body });
        assert.equal(status, expected);
      }
    });

    it(`${name} keeps the outcome of a submit whose client disconnects`, async () => {
      const first = held();
      service.replies.push(first.reply);
      const { port, hostname } = new URL(url);
      const socket = connect(Number(port), hostname);
      const lines = Object.entries({ ...headers, host: 'x', 'content-length': body.length });
      socket.write(`POST ${path} HTTP/1.1\r\n${lines.map((line) => line.join(': ')).join('\r\n')}\r\n\r\n${body}`);
      await waitUntil(() => service.submits.length);
      socket.destroy();
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
      assert.equal(service.submits[0].init.signal.aborted, false);
      first.answer();
      const look = async () => (await fetch(`${url}?idempotency_key=${uuid}`, { headers: { 'x-user': 'ada' } })).json();
      const { reply } = await waitUntil(async () => {
        const found = await look();
        return found.state === 'accepted' && found;
      });
      assert.equal(reply.id, 'generation-1');
      assert.equal(service.submits.length, 1);
    });
  });
}
