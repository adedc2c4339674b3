/**
 * Durable jobs: stored before they are sent, resumed after a reload, followed by one page at a time,
 * never sent twice. Beside either entry of the client.
 *
 * ```ts
 * const jobs = openJobs({ client: new StableAudio({ baseUrl: '/api', recovery: 'server' }) });
 * jobs.subscribe(show);
 * jobs.add('rain on a tin roof');
 * ```
 * @packageDocumentation
 */

export { extensionStorage } from './extension-storage.js';
export { memoryStorage } from './memory-storage.js';
export { openJobs } from './open-jobs.js';
export type * from './types.js';
export { webStorage } from './web-storage.js';
