// Fake timers can drive a call to its end, and real timers work again afterwards.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

import { unpackPackage } from '../support/packed-package.mjs';

const url = 'https://files.test/track.wav';

describe('fake timers', { timeout: 30_000 }, () => {
  let packed, entry;
  before(async () => {
    packed = await unpackPackage();
    entry = await import(pathToFileURL(join(packed.folder, 'dist', 'index.js')));
  });
  after(() => packed?.remove());

  /** A client of a mock service that gives the same id every time, and completes at the third poll. */
  function newClient() {
    let polls = 0;
    const fetch = async (_url, { method }) => {
      if (method === 'POST') return Response.json({ id: 'a', status: 'queued' }, { status: 201 });
      const status = ++polls % 3 === 0 ? 'completed' : 'generating';
      return Response.json({ id: 'a', status, audio_file: { url } });
    };
    return new entry.StableAudio({ baseUrl: 'https://service.test', apiKey: 'key', fetch });
  }

  for (const apis of [['setTimeout', 'Date'], ['setTimeout']]) {
    it(`fake timers of ${apis.join(' and ')} drive a call to its end, twice with one id`, async (test) => {
      test.mock.timers.enable({ apis });
      const client = newClient();
      for (const _round of [1, 2]) {
        const call = client.generate('rain');
        for (let second = 0; second < 120; second++) {
          test.mock.timers.tick(1000);
          await nextTurn();
        }
        assert.equal(await Promise.race([call, 'not in two minutes']), url);
      }
    });
  }

  it('calls work in real time after fake timers', async (test) => {
    const client = newClient();
    test.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    // This call is never settled, and an hour passes.
    client.generate('rain').catch(() => {});
    await nextTurn();
    test.mock.timers.tick(3_600_000);
    await nextTurn();
    test.mock.timers.reset();
    const begun = Date.now();
    assert.equal(await newClient().generate('rain', { pollIntervalMs: 1000 }), url);
    assert.ok(Date.now() - begun < 10_000);
  });
});
