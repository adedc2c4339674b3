// How engines retry a failed POST below `fetch`: with a buffered body they may, with a streamed one never.
// This is why there is `streamSubmit`; the package itself is not involved.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { faults, timeoutFor } from './faults/faults.mjs';
import { openFaultyService } from './faults/open.mjs';
import { engine } from './harness.mjs';

/** By engine and protocol: the faults after which it sends a buffered POST again. */
const retried = {
  chromium: {
    http1: ['a reset connection', 'a closed connection', 'a 408', 'a 421'],
    http2: ['a reset connection', 'a closed connection', 'a GOAWAY', 'RST_STREAM with REFUSED_STREAM', 'a 421'],
    http3: ['a reset stream', 'a closed connection', 'silence', 'a 421'],
  },
  firefox: {
    http1: ['a reset connection', 'a closed connection', 'a 421'],
    http2: ['RST_STREAM with INTERNAL_ERROR', 'RST_STREAM with REFUSED_STREAM', 'a 408', 'a 421'],
  },
  webkit: { http1: ['a 421'], http2: ['RST_STREAM with REFUSED_STREAM', 'a 421'] },
};

/** Runs in the page: sends one POST, and resolves to how often its body was read. */
async function send(url, streamed, timeoutMs) {
  let reads = 0;
  const pull = (controller) => {
    reads += 1;
    controller.enqueue(new TextEncoder().encode('{}'));
    controller.close();
  };
  const body = streamed ? new ReadableStream({ pull }, { highWaterMark: 0 }) : '{}';
  const headers = { authorization: 'none', 'content-type': 'application/json' };
  const signal = AbortSignal.timeout(timeoutMs);
  await fetch(url, { method: 'POST', headers, body, duplex: 'half', signal }).catch(() => {});
  return reads;
}

describe(`a POST in ${engine}`, { timeout: 240_000 }, () => {
  let setup;
  before(async () => (setup = await openFaultyService(engine)));
  after(() => setup?.close());

  /** Sends one POST on a connection that was used before; resolves to how often it arrived and was read. */
  async function post(protocol, fault, streamed, timeoutMs) {
    await setup.applyFault(protocol, fault);
    const url = `${setup.urls[protocol]}/v2/generate/audio`;
    const reads = await setup.page.run(send, url, streamed, timeoutMs);
    return { arrived: setup.posts().length, reads };
  }

  if (engine !== 'chromium')
    it('a POST over http3', { skip: `${engine} has no switch that makes it use HTTP/3` }, () => {});

  for (const [protocol, names] of Object.entries(retried[engine])) {
    for (const [name, fault] of Object.entries(faults[protocol])) {
      const timeoutMs = timeoutFor(name);
      const again = names.includes(name);
      it(`a buffered POST over ${protocol} is sent ${again ? 'again' : 'once'} after ${name}`, async () => {
        const { arrived } = await post(protocol, fault, false, timeoutMs);
        assert.ok(again ? arrived > 1 : arrived === 1, `it arrived ${arrived} times`);
      });
      if (engine !== 'chromium') continue;
      it(`a streamed POST over ${protocol} is ${protocol === 'http1' ? 'not sent' : 'sent once'} after ${name}`, async () => {
        const once = protocol === 'http1' ? 0 : 1;
        assert.deepEqual(await post(protocol, fault, true, timeoutMs), { arrived: once, reads: once });
      });
    }
  }
});
