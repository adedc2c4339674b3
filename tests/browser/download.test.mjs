// Downloads of the audio file: complete, typed by its bytes and without the key, or with a clear error.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';

import { engine } from './harness.mjs';
import { fileFaults, invalidUrls, invalidValues, audioTypes, noAudio } from './fixtures/audio-files.mjs';
import { openWithFixtures } from './fixtures/open.mjs';

describe(`a download in ${engine}`, { timeout: 240_000 }, () => {
  let harness;
  let emulator;
  let audio;
  before(async () => {
    harness = await openWithFixtures({ speed: 400 });
    emulator = harness.emulator;
    for (const [name, [start]] of Object.entries(audioTypes)) {
      harness.site.add(`/files/${encodeURIComponent(name)}`, (request, response) => {
        response.writeHead(200, { 'content-type': 'application/octet-stream' });
        response.end(Buffer.from(start, 'latin1'));
      });
    }
    for (const [name, [status, body, headers]] of Object.entries(noAudio)) {
      harness.site.add(`/files/${encodeURIComponent(name)}`, (request, response) => {
        response.writeHead(status, { 'content-type': 'application/octet-stream', ...headers });
        response.end(Buffer.from(body, 'latin1'));
      });
    }
    harness.site.add('/files/slow', (request, response) => {
      response.writeHead(200, { 'content-length': '300000' });
      response.write(Buffer.alloc(100_000, 'RIFF'));
    });
    harness.site.add('/files/away', (request, response) => {
      response.writeHead(302, { location: audio.url });
      response.end();
    });
  });
  after(() => harness?.close());
  beforeEach(async () => {
    await emulator.reset();
    await emulator.plan({ submit: [{ finish: true }] });
    await harness.page.open();
    audio = await harness.page.run(async (baseUrl) => {
      const { StableAudio } = await import('stable-audio-client');
      const fixtures = await import('/fixtures.js');
      const client = new StableAudio({ apiKey: fixtures.key, baseUrl });
      Object.assign(window, { context: { StableAudio, client, fixtures } });
      return (await client.submit('rain')).audio;
    }, emulator.url);
  });

  const download = (given, options) =>
    harness.page.run(
      async (given, options) => {
        const { client, fixtures } = window.context;
        const seen = [];
        const onProgress = (progress) => seen.push(progress);
        const { value: blob, rejection } = await fixtures.withTimeout(
          client.download(given, { onProgress, ...options }),
          10_000,
        );
        if (!blob) return { rejection, seen };
        const ours = new Uint8Array(await blob.arrayBuffer());
        const whole = await fetch(given.url ?? given).then((reply) => reply.arrayBuffer());
        const theirs = new Uint8Array(whole);
        const same = ours.length === theirs.length && ours.every((byte, index) => byte === theirs[index]);
        return { type: blob.type, size: blob.size, same, seen };
      },
      given,
      options,
    );
  const fileRequests = async () => {
    const { requests } = await emulator.ledger();
    return requests.filter(({ path }) => !path.startsWith('/v2'));
  };

  for (const given of ['a file of a generation', 'its URL']) {
    it(`a download of ${given} is a WAV, byte for byte, and reports its progress`, async () => {
      const { type, size, same, seen } = await download(given === 'its URL' ? audio.url : audio);
      assert.deepEqual({ type, same }, { type: 'audio/wav', same: true });
      assert.ok(seen.length > 0);
      assert.deepEqual(seen.at(-1), { loaded: size, total: size });
      for (const [index, { loaded }] of seen.entries()) assert.ok(loaded > (seen[index - 1]?.loaded ?? 0));
    });
  }

  it('a download carries no key and needs no preflight', async () => {
    await download(audio);
    const [request, ...others] = await fileRequests();
    assert.equal(request.method, 'GET');
    assert.ok(!request.headers.includes('authorization'), String(request.headers));
    assert.deepEqual([request.key, others.filter(({ method }) => method !== 'GET')], ['none', []]);
  });

  for (const [name, [, type]] of Object.entries(audioTypes)) {
    it(`a download of ${name} has ${type ? `the type '${type}'` : 'no type'}`, async () => {
      const seen = await download(`${harness.site.url}/files/${encodeURIComponent(name)}`);
      assert.deepEqual({ type: seen.type, same: seen.same }, { type, same: true }, JSON.stringify(seen));
    });
  }

  for (const name of Object.keys(noAudio)) {
    it(`a download of ${name} fails, and can be repeated`, async () => {
      const { rejection } = await download(`${harness.site.url}/files/${encodeURIComponent(name)}`);
      assert.deepEqual([rejection?.code, rejection?.retryable], ['download_failed', true]);
      assert.match(rejection.message, /is no audio/);
    });
  }

  it('a download that its content encoding made longer is complete', async () => {
    const file = Buffer.concat([Buffer.from('RIFF'), Buffer.alloc(4), Buffer.from('WAVE'), randomBytes(99_988)]);
    file.writeUInt32LE(file.length - 8, 4);
    const encoded = gzipSync(file);
    assert.ok(encoded.length > file.length);
    for (const start of ['RIFF', 'fLaC']) {
      const sent = gzipSync(Buffer.concat([Buffer.from(start), file.subarray(4)]));
      harness.site.add(`/files/encoded-${start}`, (request, response) => {
        const headers = {
          'content-encoding': 'gzip',
          'content-length': sent.length,
          'access-control-allow-origin': '*',
        };
        response.writeHead(200, headers);
        response.end(sent);
      });
      for (const origin of [harness.site.url, harness.site.url.replace('127.0.0.1', 'localhost')]) {
        const { size, same, rejection } = await download(`${origin}/files/encoded-${start}`);
        assert.deepEqual({ size, same }, { size: file.length, same: true }, JSON.stringify(rejection));
      }
    }
  });

  it('download takes an audio file, a generation, a URL or a string', async () => {
    const types = await harness.page.run(async (audio) => {
      const { client, fixtures } = window.context;
      const polling = { checks: 1, errors: 0, notFound: 0, unknownStatus: 0, missingUrl: 0 };
      const generation = { id: 'x', status: 'completed', submittedAt: 0, audio, polling };
      const types = [];
      for (const given of [audio, generation, new URL(audio.url), audio.url, ` ${audio.url}\n`]) {
        types.push((await fixtures.withTimeout(client.download(given))).value?.type);
      }
      return types;
    }, audio);
    assert.deepEqual(
      types,
      Array.from({ length: 5 }, () => 'audio/wav'),
    );
  });

  it('a download accepts chunks of any buffer type', async () => {
    const bytes = await harness.page.run(async () => {
      const { StableAudio, fixtures } = window.context;
      const { buffer } = new TextEncoder().encode('RIFF\x18\0\0\0WAVEfmt 0123456789abcdef');
      const chunks = [
        buffer.slice(0, 8),
        new DataView(buffer, 8, 4),
        new Uint16Array(buffer, 12, 6),
        new Float64Array(buffer, 24, 1),
      ];
      const body = new ReadableStream({
        start(stream) {
          for (const chunk of chunks) stream.enqueue(chunk);
          stream.close();
        },
      });
      const client = new StableAudio({ apiKey: fixtures.key, fetch: async () => ({ status: 200, body }) });
      return (await client.download('https://cdn.test/x')).text();
    });
    assert.equal(bytes, 'RIFF\x18\0\0\0WAVEfmt 0123456789abcdef');
  });

  it('a download follows a redirect, even to another origin', async () => {
    const { type, same } = await download(`${harness.site.url}/files/away`);
    assert.deepEqual({ type, same }, { type: 'audio/wav', same: true });
  });

  for (const [name, [fault, { httpStatus, says }]] of Object.entries(fileFaults)) {
    it(`a download of ${name} fails, and can be repeated`, async () => {
      const truncate = fault.truncate && (fault.truncate + audio.fileSize) % audio.fileSize;
      await emulator.plan({ file: [truncate ? { truncate } : fault] });
      const { rejection } = await harness.page.run(async (audio) => {
        const { client, fixtures } = window.context;
        const { rejection, error, value } = await fixtures.withTimeout(client.download(audio));
        return { rejection: { ...rejection, httpStatus: error?.httpStatus, size: value?.size } };
      }, audio);
      assert.deepEqual(
        { code: rejection.code, retryable: rejection.retryable, httpStatus: rejection.httpStatus },
        { code: 'download_failed', retryable: true, httpStatus: truncate ? rejection.httpStatus : httpStatus },
        JSON.stringify(rejection),
      );
      // Of a cut file the status may be set too: it was a good one.
      assert.ok([httpStatus, 200].includes(rejection.httpStatus));
      assert.match(rejection.message, says);
      assert.equal((await download(audio)).type, 'audio/wav');
    });
  }

  it('a download whose connection is reset halfway fails, and can be repeated', async () => {
    harness.site.add('/files/reset', (request, response) => {
      response.writeHead(200, { 'content-length': '300000' });
      response.write(Buffer.alloc(100_000), () => setTimeout(() => request.socket.resetAndDestroy(), 100));
    });
    const { rejection } = await download(`${harness.site.url}/files/reset`);
    assert.deepEqual([rejection?.code, rejection?.retryable], ['download_failed', true]);
  });

  it('a download without a Content-Length is complete at its end', async () => {
    harness.site.add('/files/chunked', (request, response) => {
      response.writeHead(200);
      response.write('RIFF\x08\0\0\0WAVE');
      setTimeout(() => response.end('data'), 50);
    });
    const { type, size, seen } = await download(`${harness.site.url}/files/chunked`);
    assert.deepEqual({ type, size, last: seen.at(-1) }, { type: 'audio/wav', size: 16, last: { loaded: 16 } });
  });

  for (const [name, plan] of Object.entries({
    'before the first byte': { hang: true },
    'in the middle': { endless: true, status: 200 },
  })) {
    it(`an abort of a download ${name} rejects at once and closes the connection`, async () => {
      await emulator.plan({ file: [plan] });
      const seen = await harness.page.run(async (audio) => {
        const { client, fixtures } = window.context;
        const controller = new AbortController();
        let loaded = 0;
        const onProgress = (progress) => (loaded = progress.loaded);
        const call = client.download(audio, { signal: controller.signal, onProgress });
        await fixtures.sleep(300);
        return { ...(await fixtures.abortAndSettle(call, controller)), loaded };
      }, audio);
      const { code, same, retryable, atOnce } = seen;
      assert.deepEqual(
        { code, same, retryable, atOnce },
        { code: 'aborted', same: true, retryable: true, atOnce: true },
        JSON.stringify(seen),
      );
      assert.equal(seen.loaded > 0, name === 'in the middle');
      const { requests } = await emulator.ledgerWhen(({ requests }) => requests.some(({ aborted }) => aborted));
      assert.ok(
        requests.some(({ path, aborted }) => aborted && !path.startsWith('/v2')),
        JSON.stringify(requests),
      );
    });
  }

  it('a download that stalls is ended by its deadline', async () => {
    const { rejection, seen } = await download(`${harness.site.url}/files/slow`, { timeoutMs: 500 });
    assert.deepEqual([rejection.code, rejection.retryable], ['deadline', true]);
    assert.equal(seen.at(-1)?.loaded, 100_000);
  });

  it('a download of anything but an http(s) URL is rejected, and nothing is fetched', async () => {
    const { seen, sent } = await harness.page.run(
      async (given) => {
        const { StableAudio, fixtures } = window.context;
        const { fetch, requests } = fixtures.service();
        const client = new StableAudio({ apiKey: fixtures.key, fetch });
        const seen = [];
        for (const audio of given) seen.push((await fixtures.withTimeout(client.download(audio))).rejection?.code);
        return { seen, sent: requests.length };
      },
      [...invalidUrls, ...invalidValues, ...invalidUrls.map((url) => ({ url, generationId: 'x' }))],
    );
    assert.deepEqual([...new Set(seen)], ['invalid_argument']);
    assert.equal(sent, 0);
  });

  it('a download reads mocks that have no stream', async () => {
    const seen = await harness.page.run(async (audio) => {
      const { StableAudio, fixtures } = window.context;
      const bytes = new TextEncoder().encode('RIFF\x04\0\0\0WAVE');
      const mocks = {
        arrayBuffer: () => ({ status: 200, arrayBuffer: async () => bytes.buffer }),
        blob: () => new Response(bytes),
      };
      const seen = {};
      for (const [name, fetch] of Object.entries(mocks)) {
        const client = new StableAudio({ apiKey: fixtures.key, fetch: async () => fetch() });
        const { value, rejection } = await fixtures.withTimeout(client.download(audio));
        seen[name] = [value?.type ?? rejection.code, value?.size];
      }
      return seen;
    }, audio);
    for (const [name, end] of Object.entries(seen)) assert.deepEqual(end, ['audio/wav', 12], name);
  });
});
