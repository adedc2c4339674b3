// How each engine is asked to run: without a window, and without calls to hosts of its maker.

/** A host that is this machine, and over http no secure context. */
export const insecureHost = 'page.test';

const chromiumFlags = [
  '--headless=new',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-dev-shm-usage',
  '--disable-sync',
  `--host-resolver-rules=MAP ${insecureHost} 127.0.0.1`,
  '--no-default-browser-check',
  '--no-first-run',
];

/**
 * The WebDriver capabilities for an engine found by `engines()`. `trust` names a certificate that no
 * authority signed, and the host that is asked over HTTP/3 alone where the engine can be told so.
 */
export function capabilities(name, { binary }, { trust } = {}) {
  const acceptInsecureCerts = Boolean(trust);
  switch (name) {
    case 'chromium':
      return { browserName: 'chrome', 'goog:chromeOptions': { binary, args: [...chromiumArgs(), ...trusting(trust)] } };
    case 'firefox':
      return { browserName: 'firefox', acceptInsecureCerts, 'moz:firefoxOptions': firefoxOptions(binary) };
    case 'webkit':
      if (!binary) return { browserName: 'safari' };
      return {
        browserName: 'MiniBrowser',
        acceptInsecureCerts,
        'webkitgtk:browserOptions': { binary, args: ['--automation'] },
      };
    default:
      throw new Error(`no engine is called ${name}`);
  }
}

function firefoxOptions(binary) {
  return { binary, args: ['-headless'], prefs: { 'network.dns.localDomains': insecureHost } };
}

/** The flags of every Chromium here; its sandbox does not run as root. */
export function chromiumArgs() {
  return process.getuid?.() === 0 ? [...chromiumFlags, '--no-sandbox'] : chromiumFlags;
}

// A certificate that is merely accepted is not enough for QUIC: it must be known by its key.
function trusting(trust) {
  if (!trust) return [];
  return [`--ignore-certificate-errors-spki-list=${trust.publicKey}`, `--origin-to-force-quic-on=${trust.http3}`];
}
