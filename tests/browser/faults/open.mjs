// A service on this machine that can be asked over HTTP/1.1, HTTP/2 and HTTP/3, each at an address
// of its own, with one certificate made for the occasion; and a browser that trusts it.

import { createHash, X509Certificate } from 'node:crypto';

import { openBrowser } from '../harness/engines.mjs';
import { unpacked } from '../harness/packed.mjs';
import { openPage } from '../harness/page.mjs';
import { startSite } from '../harness/site.mjs';
import { startHttp3 } from './http3.mjs';
import { scriptedService } from './service.mjs';
import { startTcp } from './tcp.mjs';

/** Opens all of it; the page is another origin than the service. */
export async function openFaults(engine) {
  const closers = [];
  const close = async () => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  const opened = async (opening, stop = 'stop') => {
    const result = await opening;
    closers.push(result[stop]);
    return result;
  };
  try {
    const service = scriptedService();
    const http3 = await opened(startHttp3(service.meet));
    const http1 = await opened(startTcp('http1', http3, service.meet));
    const http2 = await opened(startTcp('http2', http3, service.meet));
    const files = await opened(unpacked(), 'remove');
    const site = await opened(startSite(files));
    const hosts = { http1, http2, http3 };
    for (const [name, { port }] of Object.entries(hosts)) hosts[name] = `127.0.0.1:${port}`;
    const trust = { publicKey: fingerprint(http3.certificate), http3: hosts.http3 };
    const { driver } = await opened(openBrowser(engine, { trust }), 'close');
    const page = openPage(driver, site);
    await page.open();
    const urls = Object.fromEntries(Object.entries(hosts).map(([name, host]) => [name, `https://${host}`]));
    const meetWith = (fault) => {
      const silent = [fault, service.fault].map((one) => one?.transport === 'silence');
      if (silent[0] !== silent[1]) http3.silence(silent[0]);
      Object.assign(service, { posts: [], fault });
    };
    /** Forgets all POSTs, and meets those that follow with this fault, on a connection used before. */
    const meetNext = async (protocol, fault) => {
      meetWith(undefined);
      await page.run(useConnection, `${urls[protocol]}/v2/generate/audio`);
      meetWith(fault);
    };
    return { posts: () => service.posts, meetNext, urls, site, page, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Runs in the page: leaves a connection that was used before, however the last test left it. */
async function useConnection(url) {
  for (let tries = 5; tries > 0; tries -= 1) {
    const reply = await fetch(url, { headers: { authorization: 'none' } }).catch(() => {});
    if (reply) return reply.text();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('there is no connection');
}

/** The hash by which Chromium knows a certificate that no authority signed. */
function fingerprint(certificate) {
  const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64');
}
