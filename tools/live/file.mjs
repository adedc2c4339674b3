// The finished file: its address, type, length and parts, and who may read it for how long.

import { exchange } from './exchange.mjs';
import { origin } from './service.mjs';
import { headersOf } from './format.mjs';
import { readWav } from './wav.mjs';

const lifetime = ['cache-control', 'expires', 'date', 'last-modified', 'age', 'etag'];
const cors = ['access-control-allow-origin', 'access-control-expose-headers', 'cross-origin-resource-policy', 'vary'];
const limitMs = 60_000;

export async function askFile({ rows }, audio) {
  const { url } = audio;
  await rows.answer('file-address', () => addressOf(new URL(url)));
  const whole = exchange(url, { headers: { origin }, limitMs });
  // Whoever awaits it meets its failure.
  whole.catch(() => {});
  await rows.answer('file-type', async () => {
    const { status, headers, bytes } = await whole;
    const seen = readWav(bytes) ? 'a WAV' : `begins with ${JSON.stringify(bytes.toString('latin1', 0, 12))}`;
    return `${status}; content-type: ${headers['content-type'] ?? 'none'}; content_type: ${audio.content_type}; ${seen}`;
  });
  await rows.answer('file-length', async () => {
    const { headers, bytes, broken } = await whole;
    const said = `file_size: ${audio.file_size}; content-length: ${headers['content-length'] ?? 'none'}`;
    return `${bytes.length} bytes${broken ? ` (${broken})` : ''}; ${said}; ${soundOf(readWav(bytes))}`;
  });
  await rows.answer('file-ranges', async () => {
    const { headers } = await whole;
    const part = await exchange(url, { headers: { origin, range: 'bytes=0-99' }, limitMs });
    const said = `accept-ranges: ${headers['accept-ranges'] ?? 'none'}`;
    const range = part.headers['content-range'] ?? 'no content-range';
    return `${part.status} to bytes=0-99: ${part.bytes.length} bytes, ${range}; ${said}`;
  });
  await rows.answer('file-cors', async () => headersOf(await whole, cors, 'no header that lets it'));
  await rows.answer('file-lifetime', async () => {
    const hints = [...new URL(url).searchParams].filter(
      ([name, value]) => /expire/i.test(name) && /^[\w:-]+$/.test(value),
    );
    const hinted = hints.map(([name, value]) => `${name}=${value} in the address`);
    return [headersOf(await whole, lifetime, 'no header'), ...hinted].join('; ');
  });
}

function addressOf({ origin: host, pathname, searchParams }) {
  const names = [...new Set(searchParams.keys())];
  return `${host}${pathname}; ${names.length > 0 ? `with a query: ${names.join(', ')}` : 'without a query'}`;
}

function soundOf(wav) {
  if (!wav) return 'no WAV';
  const { head, seconds, rate, bits, channels } = wav;
  return `a head of ${head} bytes, then ${seconds} s of 1 s asked for, at ${rate} Hz, ${bits} bit, ${channels} channels`;
}
