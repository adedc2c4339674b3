// A background that may die at any moment: it opens the jobs again in each life, and an alarm runs what is due.

import { StableAudio } from './package/index.js';
import { extensionStorage, openJobs } from './package/jobs.js';
import { clientOptions } from './settings.js';

const { alarms, runtime, storage } = globalThis.browser ?? globalThis.chrome;
const jobs = openJobs({
  client: new StableAudio(clientOptions),
  storage: extensionStorage(storage.local),
  follow: false,
});

const run = () => void jobs.runDue();
alarms.create('jobs', { periodInMinutes: 0.5 });
alarms.onAlarm.addListener(run);
runtime.onMessage.addListener(run);
