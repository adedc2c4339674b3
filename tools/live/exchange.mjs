// One HTTP request from Node, on a connection of its own: nothing below sends it a second time, as
// `fetch` may.

import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { Readable, pipeline } from 'node:stream';

const maxBytes = 64 * 1024 * 1024;

/**
 * Resolves to the reply, its body as far as it came: `broken` says why it is not whole. Rejects where there is
 * no reply within `limitMs`. A `body` of several texts is streamed, without a Content-Length.
 */
export function exchange(url, { method = 'GET', headers = {}, body, limitMs = 30_000 } = {}) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const send = url.startsWith('https:') ? overHttps : overHttp;
    const all = { 'user-agent': 'stable-audio-client', accept: '*/*', ...headers };
    const client = send(url, { method, headers: all, agent: false });
    const late = new Error(`no whole answer within ${limitMs / 1000} s`);
    const timer = setTimeout(() => client.destroy(late), limitMs);
    client.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    client.on('response', async (response) => {
      const ms = performance.now() - start;
      const { bytes, broken } = await readBody(response);
      clearTimeout(timer);
      const { statusCode: status, headers } = response;
      resolve({ status, headers, bytes, text: bytes.toString(), ms, broken });
    });
    if (Array.isArray(body)) pipeline(Readable.from(body), client, () => {});
    else client.end(body);
  });
}

/** A body as far as it comes. */
export async function readBody(stream) {
  const chunks = [];
  let length = 0;
  let broken;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBytes) throw new Error(`longer than ${maxBytes} bytes`);
    }
  } catch (error) {
    broken = error.message;
  }
  return { bytes: Buffer.concat(chunks), broken };
}

/** The reply's body, or an empty object for what is no JSON object. */
export function objectOf({ text }) {
  try {
    const value = JSON.parse(text);
    return value !== null && typeof value === 'object' ? value : {};
  } catch {
    return {};
  }
}
