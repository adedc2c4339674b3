// A tiny web server on this machine for test pages and the unpacked package.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

import { addressOf } from '../../../tools/start/address.mjs';
import { importMap } from './packed.mjs';

const types = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

// Functions sent by `page.run` are evaluated here, in the page's own realm, where `import()` works.
const runner = `
  window.run = async (source, values) => {
    try {
      return JSON.stringify({ value: await (0, eval)('(' + source + ')')(...values) });
    } catch (error) {
      return JSON.stringify({ error: describe(error) });
    }
  };
  function describe(error, depth = 0) {
    if (!(error instanceof Error) && !(error instanceof DOMException)) {
      return { name: typeof error, message: String(error) };
    }
    const { name, message, stack, cause } = error;
    const own = typeof error.toJSON === 'function' ? error.toJSON() : { ...error };
    const shown = { ...own, name, message, stack };
    if (cause !== undefined && depth < 3) shown.cause = describe(cause, depth + 1);
    return shown;
  }`;

/**
 * Serves `/`, a page that can import the package, and `/package/…`, its files. `add` puts a text,
 * or a `(request, response)` handler, at a further path.
 */
export async function startSite({ folder, manifest }) {
  const map = JSON.stringify(importMap(manifest, '/package'));
  const added = new Map();
  const add = (path, content) => added.set(path, content);
  add('/favicon.ico', '');
  add(
    '/',
    `<!doctype html><meta charset="utf-8"><title>test page</title>
    <script type="importmap">${map}</script><script type="module">${runner}</script>`,
  );
  const server = createServer(async (request, response) => {
    const path = addressOf(request)?.pathname;
    if (!path) return response.writeHead(400).end();
    const content = added.get(path) ?? (await packaged(folder, path));
    if (typeof content === 'function') return content(request, response);
    const type = types[extname(path) || '.html'] ?? 'application/octet-stream';
    response.writeHead(content === undefined ? 404 : 200, { 'content-type': type });
    response.end(content);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${server.address().port}`, add, stop };
}

async function packaged(folder, path) {
  if (!path.startsWith('/package/')) return undefined;
  return readFile(join(folder, normalize(path.slice('/package'.length)))).catch(() => undefined);
}
