// Serves the demo with Vite, and beside it the server half of the package under `/api`, and
// `/demo.json`, which tells the page what it talks to.

import { AsyncLocalStorage } from 'node:async_hooks';
import { join } from 'node:path';

import { packageAliases } from '../package-aliases.mjs';
import { root } from '../paths.mjs';
import { guard } from './guard.mjs';

export async function serve({ host, port, folder, backend }) {
  const { createServer } = await import('vite');
  const { mode, speed, upstream } = backend;
  const audio = await serverHalf(backend, [`${host}:${port}`, `localhost:${port}`]);
  const server = await createServer({
    configFile: false,
    root: folder,
    appType: 'mpa',
    clearScreen: false,
    logLevel: 'warn',
    // The extension's pages lie in the same folder, and are not served.
    optimizeDeps: { entries: ['index.html'] },
    resolve: { alias: packageAliases },
    server: {
      host,
      port,
      strictPort: true,
      // Pages of this machine's other servers have no business with this one.
      cors: false,
      fs: { allow: [folder, join(root, 'dist'), join(root, 'node_modules')] },
    },
    plugins: [
      {
        name: 'demo',
        configureServer({ middlewares }) {
          middlewares.use('/demo.json', (_request, response) => {
            response.setHeader('content-type', 'application/json');
            // The page shows the emulator's own account of what it sees, and makes it fail.
            response.end(JSON.stringify({ mode, speed, ...(mode === 'emulator' && { emulator: upstream }) }));
          });
          middlewares.use('/api', audio);
        },
      },
    ],
  });
  guard(server.httpServer);
  await server.listen();
  return server;
}

/** A middleware that keeps the key; `own` lists the `host:port` names of this server. */
async function serverHalf({ mode, upstream, key }, own) {
  // Built and installed by now, which they need not have been when this file was loaded.
  const { createHandler, memoryStore } = await import('stable-audio-client/server');
  const { toNodeHandler } = await import('srvx/node');
  const submitKey = new AsyncLocalStorage();
  const handler = createHandler({
    apiKey: key,
    baseUrl: upstream,
    // A page of another name that leads to this machine is of the same origin as what it asks for.
    authorize: ({ headers }) => own.includes(headers.get('host')) && 'demo',
    // All that the service takes, and whatever prompt fits into a request.
    limits: { steps: 1000, promptLength: 16_000 },
    store: memoryStore({ onlyProcess: true }),
    recovery: 'logs',
    ...(mode === 'emulator' && { fetch: (url, init) => fetch(url, named(init, submitKey.getStore())) }),
  });
  return toNodeHandler((request, ...rest) =>
    submitKey.run(request.headers.get('idempotency-key'), () => handler(request, ...rest)),
  );
}

/** The request with the page's idempotency key, by which the emulator's ledger can tell whose it was. */
function named(init, key) {
  return key ? { ...init, headers: { ...init.headers, 'idempotency-key': key } } : init;
}
