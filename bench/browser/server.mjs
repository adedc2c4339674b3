// The server of the page, of each competitor's service, and of the file to download.

import { createServer } from 'node:http';

import { listen } from '../../tests/support/listen.mjs';
import { addressOf } from '../../tools/start/address.mjs';
import { pageScript } from './bundle.mjs';
import { replies } from './replies.mjs';

export const fileBytes = 50_000_000;
const page = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script src="/page.js"></script>';

export async function startServer() {
  const script = await pageScript();
  const file = Buffer.alloc(fileBytes, 'RIFF----WAVEfmt ');
  file.writeUInt32LE(fileBytes - 8, 4);
  const left = new Map();
  const server = createServer((request, response) => {
    const [, kind, name, polls] = addressOf(request)?.pathname.split('/') ?? [];
    response.setHeader('cache-control', 'no-store');
    if (kind === '') return response.setHeader('content-type', 'text/html').end(page);
    if (kind === 'page.js') return response.setHeader('content-type', 'text/javascript').end(script);
    if (kind === 'file') return response.setHeader('content-length', fileBytes).end(file);
    if (kind !== 'service' || !Object.hasOwn(replies, name)) return response.writeHead(404).end();
    const { created, pending, done } = replies[name];
    response.setHeader('content-type', 'application/json');
    if (request.method === 'POST') {
      left.set(name, Number(polls));
      return response.writeHead(201).end(JSON.stringify(created));
    }
    left.set(name, left.get(name) - 1);
    return response.end(JSON.stringify(left.get(name) > 0 ? pending : done));
  });
  const { url, close } = await listen(server);
  return { url, stop: close };
}
