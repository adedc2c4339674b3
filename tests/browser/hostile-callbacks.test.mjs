// Hostile callbacks and implementations of `fetch`: every call settles, with a clear error if it fails.

import assert from 'node:assert/strict';
import { it } from 'node:test';

import { describeHostile } from './fixtures/hostile.mjs';

describeHostile('hostile callbacks', (harness) => {
  it('an onSubmitted that fails rejects the call with its reason and the generation', async () => {
    const seen = await harness().page.run(async () => {
      const { StableAudio, fixtures } = window.context;
      const client = new StableAudio({
        apiKey: fixtures.key,
        baseUrl: fixtures.serviceUrl,
        fetch: fixtures.service().fetch,
      });
      const reason = Object.freeze({ why: 'full' });
      const thrower = () => {
        throw reason;
      };
      const callbacks = {
        throws: thrower,
        rejects: () => Promise.reject(reason),
        'rejects late': () => fixtures.sleep(20).then(thrower),
        'gives a thenable that rejects': () => fixtures.thenable((_, reject) => reject(reason)),
        'gives a thenable that throws': () => fixtures.thenable(thrower),
        'gives a thenable that cannot be read': () => fixtures.throwingProperty('then', {}, thrower),
        'gives a promise without then': () => fixtures.throwingProperty('then', Promise.resolve(), thrower),
        'gives a promise whose then throws': () => fixtures.thenable(thrower, Promise.resolve()),
      };
      const seen = {};
      for (const [name, onSubmitted] of Object.entries(callbacks)) {
        const { error, rejection, value } = await fixtures.withTimeout(client.generate('rain', { onSubmitted }));
        seen[name] = {
          code: rejection?.code ?? value,
          cause: error?.cause === reason,
          known: rejection?.generation?.id,
        };
      }
      for (const [name, nothing] of [
        ['undefined', undefined],
        ['null', null],
      ]) {
        const { error } = await fixtures.withTimeout(
          client.generate('rain', { onSubmitted: () => Promise.reject(nothing) }),
        );
        const { code, cause, generation } = error ?? {};
        seen[`rejects with ${name}`] = { code, cause: cause === nothing && 'cause' in error, known: generation?.id };
      }
      return seen;
    });
    for (const [name, { code, cause, known }] of Object.entries(seen)) {
      assert.deepEqual({ code, cause }, { code: 'callback_failed', cause: true }, name);
      assert.match(known, /^job-/, name);
    }
  });

  it('an onStatus or onProgress that fails is reported and has no other effect', async () => {
    const seen = await harness().page.run(async () => {
      const { StableAudio, fixtures } = window.context;
      const { fetch } = fixtures.service();
      const bytes = (url, init) => (url === fixtures.audioUrl ? new Response('RIFF\x04\0\0\0WAVE') : fetch(url, init));
      const client = new StableAudio({ apiKey: fixtures.key, baseUrl: fixtures.serviceUrl, fetch: bytes });
      const reported = [];
      window.addEventListener('error', (event) => {
        event.preventDefault();
        reported.push(event.error);
      });
      const rejected = [];
      window.addEventListener('unhandledrejection', ({ reason }) => rejected.push(String(reason)));
      const reason = new Error('broken');
      const thrower = () => {
        throw reason;
      };
      const callbacks = {
        throws: thrower,
        rejects: async () => thrower(),
        'gives a thenable that throws': () => fixtures.thenable(thrower),
        'gives a promise whose then throws': () => fixtures.thenable(thrower, Promise.resolve()),
      };
      const seen = {};
      for (const [name, callback] of Object.entries(callbacks)) {
        for (const [kind, start] of [
          ['onStatus', () => client.generate('rain', { pollIntervalMs: 1000, onStatus: callback })],
          ['onProgress', () => client.download(fixtures.audioUrl, { onProgress: callback })],
        ]) {
          reported.length = 0;
          const { rejection } = await fixtures.withTimeout(start());
          await fixtures.sleep(20);
          seen[`${kind} ${name}`] = {
            end: rejection?.code ?? 'done',
            reported: reported.map((error) => error === reason),
          };
        }
      }
      const reportError = window.reportError;
      const logged = [];
      const { error } = console;
      console.error = (given) => logged.push(given === reason);
      delete window.reportError;
      window.reportError = undefined;
      const { rejection } = await fixtures.withTimeout(
        client.generate('rain', { pollIntervalMs: 1000, onStatus: thrower }),
      );
      seen['where reportError is absent'] = { end: rejection?.code ?? 'done', reported: logged };
      console.error = thrower;
      const last = await fixtures.withTimeout(client.generate('rain', { pollIntervalMs: 1000, onStatus: thrower }));
      seen['where the console throws too'] = { end: last.rejection?.code ?? 'done', reported: [true] };
      Object.assign(console, { error });
      Object.assign(window, { reportError });
      return { seen, rejected };
    });
    for (const [name, end] of Object.entries(seen.seen)) assert.deepEqual(end, { end: 'done', reported: [true] }, name);
    assert.deepEqual(seen.rejected, []);
  });

  it('every call settles, whatever its fetch does', async () => {
    const seen = await harness().page.run(async () => {
      const { StableAudio, fixtures } = window.context;
      const { key: apiKey, serviceUrl: baseUrl } = fixtures;
      const { throwError, replyFromReader, endlessReader } = fixtures;
      const moved = new Uint8Array(8);
      structuredClone(moved.buffer, { transfer: [moved.buffer] });
      const fetches = {
        'that throws at once': throwError,
        'that rejects with undefined': () => Promise.reject(undefined),
        'that rejects with null': () => Promise.reject(null),
        'that rejects with a string': () => Promise.reject('no'),
        'that never settles': () => new Promise(() => {}),
        'that gives undefined': () => {},
        'that gives null': () => null,
        'that gives a number': () => 5,
        'that gives a revoked proxy': () => fixtures.revokedProxy(),
        'that gives a promise whose then throws': () => fixtures.thenable(throwError, Promise.resolve()),
        'that gives a promise without class': () => fixtures.throwingProperty('constructor', Promise.resolve(5)),
        'that gives a proxy of a reply': () => new Proxy(Response.json({ id: 'x' }, { status: 201 }), {}),
        'that gives a status alone': () => ({ status: 201 }),
        'whose status throws': () => fixtures.throwingProperty('status'),
        'whose status is odd': () => ({ status: 'fine' }),
        'whose status is huge': () => ({ status: 70_000 }),
        'whose headers throw': () => ({ status: 201, headers: { get: throwError } }),
        'whose headers are revoked': () => ({ status: 201, headers: fixtures.revokedProxy() }),
        'whose text throws': () => ({ status: 201, text: throwError }),
        'whose text gives a revoked proxy': () => ({ status: 201, text: () => fixtures.revokedProxy() }),
        'whose text never comes': () => ({ status: 201, text: () => new Promise(() => {}) }),
        'whose json gives a revoked proxy': () => ({ status: 201, json: async () => fixtures.revokedProxy([]) }),
        'whose json is full of traps': () => ({
          status: 201,
          json: async () => ({
            id: fixtures.revokedProxy(),
            status: fixtures.revokedProxy(),
            error: fixtures.revokedProxy(),
          }),
        }),
        'whose error is full of traps': () => ({
          status: 400,
          json: async () => ({ message: [fixtures.revokedProxy()], error: new Proxy({}, { get: throwError }) }),
        }),
        'whose body cannot be read': () => ({ status: 201, body: { getReader: throwError } }),
        'whose body is read already': async () => {
          const used = new Response('{}', { status: 201 });
          await used.text();
          return used;
        },
        'whose reader throws': () => replyFromReader({ read: throwError, cancel: throwError }),
        'whose reader gives nothing': () => replyFromReader({ read: () => {} }),
        'whose chunks are text': () => replyFromReader(endlessReader('text')),
        'whose chunks were transferred away': () => {
          let left = 3;
          return replyFromReader({ read: async () => ({ done: (left -= 1) < 0, value: moved }) });
        },
        'whose chunks are revoked': () => replyFromReader(endlessReader(fixtures.revokedProxy())),
      };
      const seen = {};
      for (const [name, fetch] of Object.entries(fetches)) {
        const client = new StableAudio({ apiKey, baseUrl, fetch });
        const options = { timeoutMs: 150 };
        const ends = await Promise.all([
          fixtures.withTimeout(client.submit('rain', options)),
          fixtures.withTimeout(client.check('id', options)),
          fixtures.withTimeout(client.download(fixtures.audioUrl, options)),
        ]);
        seen[name] = ends.map(({ rejection, value }) => rejection?.code ?? value?.polling?.lastError?.code ?? 'done');
      }
      return seen;
    });
    const wrong = Object.entries(seen).filter(([, [submit, check, download]]) => {
      const known = {
        submit: ['submit_unknown', 'bad_reply', 'rejected'],
        check: ['network', 'http', 'body', 'deadline', 'rejected'],
        download: ['download_failed', 'deadline', 'done'],
      };
      return !known.submit.includes(submit) || !known.check.includes(check) || !known.download.includes(download);
    });
    assert.deepEqual(wrong, []);
    for (const name of ['that throws at once', 'that rejects with undefined', 'that gives a status alone']) {
      assert.equal(seen[name][0], 'submit_unknown', name);
    }
  });

  it('a response is read by its shape: mocks, other realms, the current global fetch', async () => {
    const seen = await harness().page.run(async () => {
      const { StableAudio, fixtures } = window.context;
      const { key: apiKey, serviceUrl: baseUrl } = fixtures;
      const frame = document.body.appendChild(document.createElement('iframe'));
      const foreign = frame.contentWindow;
      const accepted = { id: 'job', status: 'queued' };
      const shapes = {
        'status and text': () => ({ status: 201, text: async () => JSON.stringify(accepted) }),
        'ok, status and json': () => ({ ok: true, status: 201, json: async () => accepted }),
        'no promises at all': () => ({ status: 201, text: () => JSON.stringify(accepted) }),
        'a reply of another realm': () => foreign.Response.json(accepted, { status: 201 }),
        'a promise of another realm': () => foreign.Promise.resolve(Response.json(accepted, { status: 201 })),
        'a thenable': () => fixtures.thenable((resolve) => resolve(Response.json(accepted, { status: 201 }))),
      };
      const seen = {};
      for (const [name, fetch] of Object.entries(shapes)) {
        const { rejection, value } = await fixtures.withTimeout(
          new StableAudio({ apiKey, baseUrl, fetch }).submit('rain'),
        );
        seen[name] = value?.id ?? rejection.code;
      }
      const client = new StableAudio({ apiKey, baseUrl });
      const { fetch } = window;
      let receiver = 'never called';
      window.fetch = function () {
        'use strict';
        receiver = String(this);
        return Promise.resolve(Response.json(accepted, { status: 201 }));
      };
      const { value } = await fixtures.withTimeout(client.submit('rain'));
      seen['the global one, replaced afterwards'] = value?.id;
      window.fetch = fetch;
      return { seen, receiver };
    });
    for (const [name, id] of Object.entries(seen.seen)) assert.equal(id, 'job', name);
    assert.equal(seen.receiver, 'undefined');
  });
});
