// The parts of `npm run live` that need no service.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http2';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { exchangeOverHttp2 } from '../../tools/live/exchange-http2.mjs';
import { redactor } from '../../tools/live/redact.mjs';
import { readWav } from '../../tools/live/wav.mjs';
import { root } from '../../tools/paths.mjs';

const key = 'a-key-that-nobody-has';

describe('npm run live', { timeout: 60_000 }, () => {
  it('spends nothing without --yes where there is no terminal to ask on, and says so in one line', async () => {
    const { code, output, errors } = await live([], { AIMLAPI_KEY: key });
    assert.equal(code, 1);
    assert.equal(errors, '✗ this spends 252 credits, $0.000126: without a terminal to ask on, add --yes\n');
    assert.match(output, /^Asks https:\/\/api\.aimlapi\.com /);
    assert.ok(!output.includes(key));
  });

  it('says beforehand what all of it costs', async () => {
    const { output } = await live(['--stream'], { AIMLAPI_KEY: key });
    assert.match(
      output,
      /2 of one step at the most \(Node; Node, streamed\), each sent once: 504 credits, \$0\.000252/,
    );
  });

  for (const [what, args, env, says] of [
    ['without a key', ['--yes'], {}, /set AIMLAPI_KEY/],
    ['a key over plain http', ['--yes', '--base-url', 'http://192.0.2.1'], { AIMLAPI_KEY: key }, /https/],
    [
      'a browser that nobody knows',
      ['--yes', '--browser=lynx'],
      { AIMLAPI_KEY: key },
      /one of chromium, firefox, webkit/,
    ],
  ]) {
    it(`refuses ${what} in one line`, async () => {
      const { code, errors } = await live(args, env);
      assert.equal(code, 1);
      assert.match(errors, says);
      assert.equal(errors.trim().split('\n').length, 1);
    });
  }
});

it('prints neither the key nor the query of a URL, within names and lists too', () => {
  const redact = redactor('k3y');
  const url = 'https://cdn.example/a.wav?Signature=abc&Expires=1';
  assert.deepEqual(redact({ 'a k3y': [`key k3y at ${url} is`, 1, null], url }), {
    'a [key]': ['key [key] at https://cdn.example/a.wav?… is', 1, null],
    url: 'https://cdn.example/a.wav?…',
  });
});

it('reads a WAV’s format behind other chunks, and takes nothing else for one', () => {
  const bytes = Buffer.alloc(100);
  const chunk = (at, name, length) => {
    bytes.write(name, at, 'latin1');
    bytes.writeUInt32LE(length, at + 4);
  };
  chunk(0, 'RIFF', 92);
  bytes.write('WAVE', 8, 'latin1');
  chunk(12, 'fmt ', 16);
  bytes.writeUInt16LE(2, 22);
  bytes.writeUInt32LE(44_100, 24);
  bytes.writeUInt32LE(176_400, 28);
  bytes.writeUInt16LE(16, 34);
  chunk(36, 'LIST', 25);
  chunk(70, 'data', 88_200);
  assert.deepEqual(readWav(bytes), {
    channels: 2,
    rate: 44_100,
    bytesPerSecond: 176_400,
    bits: 16,
    head: 78,
    seconds: 0.5,
  });
  for (let length = 0; length < 78; length += 1) assert.equal(readWav(bytes.subarray(0, length)), undefined);
});

describe('a streamed request over HTTP/2', { timeout: 30_000 }, () => {
  for (const [what, answer, limitMs, says] of [
    ['that is answered', (stream) => stream.respond({ ':status': 201, 'x-told': 'a' }) ?? stream.end('{}'), 5000, 201],
    ['that is reset', (stream) => stream.close(2), 5000, /NGHTTP2_INTERNAL_ERROR|without an answer/],
    ['that is never answered', () => {}, 300, /no whole answer within 0\.3 s/],
  ]) {
    it(`${what} is sent once, without a length`, async () => {
      const seen = [];
      const server = createServer().on('stream', async (stream, headers) => {
        stream.on('error', () => {});
        let body = '';
        for await (const chunk of stream.setEncoding('utf8')) body += chunk;
        seen.push({ method: headers[':method'], path: headers[':path'], length: headers['content-length'], body });
        answer(stream);
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const url = `http://127.0.0.1:${server.address().port}/a?b=c`;
      const reply = exchangeOverHttp2(url, { method: 'POST', headers: {}, body: ['{"a":', '1}'], limitMs });
      if (typeof says === 'number') {
        const { status, headers, text } = await reply;
        assert.deepEqual([status, headers['x-told'], text], [says, 'a', '{}']);
      } else {
        await assert.rejects(reply, says);
      }
      assert.deepEqual(seen, [{ method: 'POST', path: '/a?b=c', length: undefined, body: '{"a":1}' }]);
      server.close();
    });
  }
});

async function live(args, variables) {
  const env = { ...process.env, AIMLAPI_KEY: undefined, ...variables };
  const child = spawn(process.execPath, [join(root, 'tools', 'live.mjs'), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
  });
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, output, errors };
}

async function text(stream) {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return text;
}
