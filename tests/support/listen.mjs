import { once } from 'node:events';

/**
 * Makes a server listen on a free port of 127.0.0.1. `close` ends its connections, and resolves once it is
 * closed.
 */
export async function listen(server, { protocol = 'http' } = {}) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections?.();
    await closed;
  };
  return { port, url: `${protocol}://127.0.0.1:${port}`, close };
}
