// A panel that only stores and shows: the background sends.

import { extensionStorage, openJobs } from './package/jobs.js';

const { storage } = globalThis.browser ?? globalThis.chrome;
globalThis.jobs = openJobs({ client: {}, storage: extensionStorage(storage.local), follow: false });
