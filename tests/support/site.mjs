// A static web server on this machine.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

import { addressOf } from '../../tools/start/address.mjs';
import { listen } from './listen.mjs';

const types = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/**
 * Serves `files`, texts or `(request, response)` handlers by their paths, and `folder` at `prefix`;
 * `headers` go with every response. `add` serves a further file. `reports` has the bodies of POSTs.
 */
export async function openSite({ folder, prefix = '/', files = {}, headers = {} }) {
  const served = new Map(Object.entries(files));
  const reports = [];
  const server = createServer(async (request, response) => {
    const pathname = addressOf(request)?.pathname;
    if (!pathname) return response.writeHead(400).end();
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    const content = served.get(path) ?? (await readFrom(folder, prefix, path));
    if (typeof content === 'function') return content(request, response);
    if (request.method === 'POST') reports.push(Buffer.concat(await request.toArray()).toString());
    const type = types[extname(path) || '.html'] ?? 'application/octet-stream';
    response.writeHead(content === undefined ? 404 : 200, { 'content-type': type, ...headers });
    return response.end(content);
  });
  const { url, close } = await listen(server);
  return { url, reports, add: (path, content) => served.set(path, content), stop: close };
}

async function readFrom(folder, prefix, path) {
  if (!folder || !path.startsWith(prefix)) return undefined;
  return readFile(join(folder, normalize(path.slice(prefix.length)))).catch(() => undefined);
}
