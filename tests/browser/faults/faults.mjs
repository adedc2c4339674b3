// What can become of a POST once the server has it, by protocol and name: as `meetWith` takes it.

const anywhere = { 'a 421': { status: 421 } };

export const faults = {
  http1: {
    'a reset connection': { transport: 'reset' },
    'a closed connection': { transport: 'close' },
    'a 408': { status: 408, headers: { connection: 'close' } },
    ...anywhere,
  },
  http2: {
    'a reset connection': { transport: 'reset' },
    'a closed connection': { transport: 'close' },
    'a GOAWAY': { transport: 'goaway' },
    'RST_STREAM with INTERNAL_ERROR': { transport: 'internal-error' },
    'RST_STREAM with REFUSED_STREAM': { transport: 'refused-stream' },
    'a 408': { status: 408 },
    ...anywhere,
  },
  http3: {
    'a reset stream': { transport: 'reset-stream' },
    'a closed connection': { transport: 'close-connection' },
    silence: { transport: 'silence' },
    'a 408': { status: 408 },
    ...anywhere,
  },
};

/** How long to wait for what becomes of a POST: Chromium gives up a silent connection after seven seconds. */
export const patience = (name) => (name === 'silence' ? 12_000 : 5000);
