// Clients of Redis and Valkey, in any runtime.

const ignore = () => {};

/** By driver: connects a client; `run` sends a command, `close` disconnects. */
export const drivers = {
  async 'node-redis'(url) {
    const { createClient } = await import('redis');
    const client = createClient({ url }).on('error', ignore);
    await client.connect();
    return { client, run: (...args) => client.sendCommand(args), close: () => client.destroy() };
  },
  async ioredis(url) {
    const { Redis } = await import('ioredis');
    const client = new Redis(url, { lazyConnect: true }).on('error', ignore);
    await client.connect();
    return { client, run: (...args) => client.call(...args), close: () => client.disconnect() };
  },
};
