// One streamed request from Node over HTTP/2, whose body has no announced length there.

import { connect } from 'node:http2';

import { readBody } from './exchange.mjs';

/** As `exchange` with a body of several texts, for a server that speaks HTTP/2. */
export function exchangeOverHttp2(url, { method, headers, body, limitMs }) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const { origin, pathname, search } = new URL(url);
    const session = connect(origin);
    const late = new Error(`no whole answer within ${limitMs / 1000} s`);
    const timer = setTimeout(() => session.destroy(late), limitMs);
    const fail = (error) => {
      clearTimeout(timer);
      session.destroy();
      reject(error);
    };
    session.on('error', fail);
    const stream = session.request({ ':method': method, ':path': pathname + search, ...headers });
    stream.on('error', fail);
    stream.on('close', () => fail(new Error('closed without an answer')));
    stream.on('response', async ({ ':status': status, ...headers }) => {
      const ms = performance.now() - start;
      const { bytes, broken } = await readBody(stream);
      clearTimeout(timer);
      session.destroy();
      resolve({ status, headers, bytes, text: bytes.toString(), ms, broken });
    });
    for (const text of body) stream.write(text);
    stream.end();
  });
}
