/** What one job may weigh, bundled, minified and packed by brotli: what is reached, and a little for the next release of a compiler. */
export const bound = 36_770;
/** What the server half may weigh, minified and packed by brotli: `dist/server.js`, which is deployed as it is. */
export const serverBound = 5_500;
/** What durable jobs may add to the consumer, with each of their storages, bundled and packed by brotli. */
export const jobsBound = 5_000;
