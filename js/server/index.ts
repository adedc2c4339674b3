/**
 * The server half: keeps the service's key, says who may spend, and makes a submit that arrives
 * twice create one generation. For any runtime with web-standard requests.
 *
 * ```ts
 * export const POST = createHandler({
 *   apiKey: () => process.env.AIMLAPI_KEY,
 *   authorize: (request) => userOf(request),
 * });
 * export { POST as GET, POST as OPTIONS };
 * ```
 * @packageDocumentation
 */

export { createHandler } from './handler.js';
export { memoryStore } from './memory-store.js';
export { redisStore } from './redis-store.js';
export type * from './types.js';
