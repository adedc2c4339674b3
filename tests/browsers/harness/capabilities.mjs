// How each engine is asked to run: without a window, and without calls to hosts of its maker.

const chromiumFlags = [
  '--headless=new',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-dev-shm-usage',
  '--disable-sync',
  '--no-default-browser-check',
  '--no-first-run',
];

/** The WebDriver capabilities for an engine found by `engines()`. */
export function capabilities(name, { binary }) {
  switch (name) {
    case 'chromium':
      return { browserName: 'chrome', 'goog:chromeOptions': { binary, args: chromiumArgs() } };
    case 'firefox':
      return { browserName: 'firefox', 'moz:firefoxOptions': { binary, args: ['-headless'] } };
    case 'webkit':
      if (!binary) return { browserName: 'safari' };
      return {
        browserName: 'MiniBrowser',
        'webkitgtk:browserOptions': { binary, args: ['--automation'] },
      };
    default:
      throw new Error(`no engine is called ${name}`);
  }
}

/** The flags of every Chromium here; its sandbox does not run as root. */
export function chromiumArgs() {
  return process.getuid?.() === 0 ? [...chromiumFlags, '--no-sandbox'] : chromiumFlags;
}
