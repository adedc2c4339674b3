// The servers that tests bring along, and what a local program may send to them.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';

import { startSite } from '../browser/harness/site.mjs';
import { openSite } from '../support/site.mjs';

const manifest = { name: 'a-package', exports: {} };
const sites = {
  'the site of browser tests': () => startSite({ folder: tmpdir(), manifest }),
  'the site of consumers': () => openSite({ files: { '/index.html': 'the page' } }),
};

for (const [name, start] of Object.entries(sites)) {
  describe(name, () => {
    for (const target of ['http://[/', '//', '/%', '/%00', '/package/%00']) {
      it(`answers 400 to a request for ${target}, and lives on`, async () => {
        const { url, stop } = await start();
        try {
          assert.match(await statusOf(url, target), /^HTTP\/1\.1 400 /);
          assert.match(await statusOf(url, '/'), /^HTTP\/1\.1 200 /);
        } finally {
          await stop();
        }
      });
    }
  });
}

async function statusOf(url, target) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).setEncoding('latin1');
  socket.write(`GET ${target} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}
