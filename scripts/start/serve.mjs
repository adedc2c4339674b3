// Serves the demo with Vite, and beside it the forwarder and `/demo.json`, which tells the page
// what it talks to.

import { join } from 'node:path';

import { root } from '../places.mjs';
import { forwarder } from './forwarder.mjs';
import { guard } from './guard.mjs';

export async function serve({ host, port, folder, backend }) {
  const { createServer } = await import('vite');
  const { mode, speed, upstream, key } = backend;
  const own = [`${host}:${port}`, `localhost:${port}`];
  const server = await createServer({
    configFile: false,
    root: folder,
    appType: 'mpa',
    clearScreen: false,
    logLevel: 'warn',
    // The extension's pages lie in the same folder, and are not served.
    optimizeDeps: { entries: ['index.html'] },
    resolve: { alias: { 'stable-audio-client': join(root, 'dist', 'index.js') } },
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
            response.end(JSON.stringify({ mode, speed }));
          });
          middlewares.use(forwarder({ upstream, key, own }));
        },
      },
    ],
  });
  guard(server.httpServer);
  await server.listen();
  return server;
}
