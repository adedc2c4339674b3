// A service on this machine that speaks HTTP/1.1, HTTP/2 and HTTP/3 on a port each, with one certificate
// made for the run; and a browser that trusts it.

import { createHash, X509Certificate } from 'node:crypto';

import { openResources } from '../../support/open-resources.mjs';
import { unpackPackage } from '../../support/packed-package.mjs';
import { openBrowser } from '../harness/engines.mjs';
import { openPage } from '../harness/page.mjs';
import { startSite } from '../harness/site.mjs';
import { startHttp3 } from './http3.mjs';
import { scriptedService } from './service.mjs';
import { startTcp } from './tcp.mjs';

/** Opens everything; the page has another origin than the service. */
export function openFaultyService(engine) {
  return openResources(async (onClose) => {
    const opened = async (opening, close = 'stop') => {
      const resource = await opening;
      onClose(resource[close]);
      return resource;
    };
    const service = scriptedService();
    const http3 = await opened(startHttp3(service.respond));
    const http1 = await opened(startTcp('http1', http3, service.respond));
    const http2 = await opened(startTcp('http2', http3, service.respond));
    const files = await opened(unpackPackage(), 'remove');
    const site = await opened(startSite(files));
    const hosts = { http1, http2, http3 };
    for (const [name, { port }] of Object.entries(hosts)) hosts[name] = `127.0.0.1:${port}`;
    const trust = { publicKey: fingerprint(http3.certificate), http3: hosts.http3 };
    const { driver } = await opened(openBrowser(engine, { trust }), 'close');
    const page = openPage(driver, site);
    await page.open();
    const urls = Object.fromEntries(Object.entries(hosts).map(([name, host]) => [name, `https://${host}`]));
    const setFault = (fault) => {
      const silent = [fault, service.fault].map((one) => one?.transport === 'silence');
      if (silent[0] !== silent[1]) http3.silence(silent[0]);
      Object.assign(service, { posts: [], fault });
    };
    /** Clears the POSTs, and applies the fault to those that follow, on a connection that was used before. */
    const applyFault = async (protocol, fault) => {
      setFault(undefined);
      await page.run(useConnection, `${urls[protocol]}/v2/generate/audio`);
      setFault(fault);
    };
    return { posts: () => service.posts, applyFault, urls, site, page };
  });
}

/** Runs in the page: makes sure that there is a connection that was used before. */
async function useConnection(url) {
  for (let tries = 5; tries > 0; tries -= 1) {
    const reply = await fetch(url, { headers: { authorization: 'none' } }).catch(() => {});
    if (reply) return reply.text();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('the service cannot be reached');
}

/** The hash by which Chromium knows a certificate that no authority signed. */
function fingerprint(certificate) {
  const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64');
}
