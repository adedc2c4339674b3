// A web server on this machine over a folder, and over texts given to it.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

import { addressOf } from '../../tools/start/address.mjs';

const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Serves `folder` at `prefix`, and `files` before it; `headers` go with every reply. */
export async function openSite({ folder, prefix = '/', files = {}, headers = {} }) {
  const reports = [];
  const server = createServer(async (request, response) => {
    const pathname = addressOf(request)?.pathname;
    if (!pathname) return response.writeHead(400).end();
    if (request.method === 'POST') return (reports.push(await body(request)), response.end());
    const path = pathname === '/' ? '/index.html' : pathname;
    const content = files[path] ?? (await fromFolder(folder, prefix, path));
    const type = types[extname(path)] ?? 'application/octet-stream';
    response.writeHead(content === undefined ? 404 : 200, { 'content-type': type, ...headers });
    response.end(content);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${server.address().port}`, reports, stop };
}

async function fromFolder(folder, prefix, path) {
  if (!folder || !path.startsWith(prefix)) return undefined;
  return readFile(join(folder, normalize(path.slice(prefix.length)))).catch(() => undefined);
}

async function body(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}
