// Workers in workerd, Cloudflare's runtime: bundled, and served on a free port of 127.0.0.1.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { build } from 'esbuild';
import workerd from 'workerd';

import { endChild, killChild, startChild } from '../../support/children.mjs';

// Lets bundled packages load the modules of the runtime by `require`.
const require = "import { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire('/');";

/**
 * Bundles the Worker of the file `entry`, which exports the Durable Object class `Outcomes`, bound as
 * `OUTCOMES`. `sources` replaces files by their names; `date` is its compatibility date: of the
 * newest, which it has without one, are Node's modules. Its storage outlives each start.
 */
export async function bundleWorker(entry, { sources = {}, date } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'stable-audio-workerd-'));
  await mkdir(join(folder, 'storage'));
  const replaced = {
    name: 'replaced',
    setup: ({ onLoad }) =>
      onLoad({ filter: /\.m?js$/ }, ({ path }) => {
        const contents = sources[basename(path)];
        return contents === undefined ? undefined : { contents, loader: 'js' };
      }),
  };
  await build({
    entryPoints: [entry],
    outfile: join(folder, 'worker.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'esnext',
    external: ['cloudflare:*'],
    banner: { js: date ? '' : require },
    plugins: [replaced],
    logLevel: 'warning',
  });
  return {
    /** Starts it; `texts` are what it finds in `env`. All that it fetches goes to `upstream`, if that is given. */
    start: (texts, upstream) => start(folder, { date: date ?? workerd.compatibilityDate, texts, upstream }),
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

async function start(folder, given) {
  await writeFile(join(folder, 'config.capnp'), config({ ...given, storage: join(folder, 'storage') }));
  const flags = ['serve', '--experimental', '--control-fd=3', 'config.capnp'];
  const child = startChild(workerd.default, flags, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
  const port = await listening(child);
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => endChild(child),
    /** Ends it as a crash does. */
    kill: () => killChild(child),
  };
}

/** workerd prints a line of JSON for each of its sockets. */
async function listening(child) {
  let output = '';
  for await (const chunk of child.stdio[3]) {
    output += chunk;
    const [, port] = /"port":(\d+)/.exec(output) ?? [];
    if (port) return port;
  }
  throw new Error('workerd did not start');
}

function config({ date, texts, upstream, storage }) {
  const bindings = Object.entries(texts).map(
    ([name, text]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(text)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "upstream", ${upstream ? `external = (address = "${upstream}", http = ())` : 'network = (allow = ["local"])'}),
    (name = "storage", disk = (path = ${JSON.stringify(storage)}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.mjs")],
  compatibilityDate = "${date}",
  globalOutbound = "upstream",
  bindings = [(name = "OUTCOMES", durableObjectNamespace = "Outcomes"), ${bindings.join(', ')}],
  durableObjectNamespaces = [(className = "Outcomes", uniqueKey = "outcomes", enableSql = true)],
  durableObjectStorage = (localDisk = "storage"),
);
`;
}
