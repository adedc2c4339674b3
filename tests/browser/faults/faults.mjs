// The faults of a POST after the server has received it, by protocol and name.

const ofEveryProtocol = { 'a 421': { status: 421 } };

export const faults = {
  http1: {
    'a reset connection': { transport: 'reset' },
    'a closed connection': { transport: 'close' },
    'a 408': { status: 408, headers: { connection: 'close' } },
    ...ofEveryProtocol,
  },
  http2: {
    'a reset connection': { transport: 'reset' },
    'a closed connection': { transport: 'close' },
    'a GOAWAY': { transport: 'goaway' },
    'RST_STREAM with INTERNAL_ERROR': { transport: 'internal-error' },
    'RST_STREAM with REFUSED_STREAM': { transport: 'refused-stream' },
    'a 408': { status: 408 },
    ...ofEveryProtocol,
  },
  http3: {
    'a reset stream': { transport: 'reset-stream' },
    'a closed connection': { transport: 'close-connection' },
    silence: { transport: 'silence' },
    'a 408': { status: 408 },
    ...ofEveryProtocol,
  },
};

/** The timeout of a POST: Chromium gives up a silent connection after seven seconds. */
export const timeoutFor = (name) => (name === 'silence' ? 12_000 : 5000);
