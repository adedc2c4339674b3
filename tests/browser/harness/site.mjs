// A web server for test pages and the unpacked package.

import { importMap } from '../../support/packed-package.mjs';
import { openSite } from '../../support/site.mjs';

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

/** Serves `/`, a page that can import the package, and `/package/…`, its files. `add` serves a further path. */
export function startSite({ folder, manifest }) {
  const map = JSON.stringify(importMap(manifest, '/package'));
  const page = `<!doctype html><meta charset="utf-8"><title>test page</title>
    <script type="importmap">${map}</script><script type="module">${runner}</script>`;
  return openSite({ folder, prefix: '/package/', files: { '/index.html': page, '/favicon.ico': '' } });
}
