// An extension's background, which the browser may end at any moment: an alarm wakes it.

import { StableAudio } from 'stable-audio-client';
import { extensionStorage, openJobs } from 'stable-audio-client/jobs';

const { alarms, runtime, storage } = chrome;
const client = new StableAudio({ apiKey: async () => (await storage.session.get<{ key: string }>('key')).key });
const jobs = openJobs({ client, storage: extensionStorage(storage.local), follow: false });

async function run() {
  await alarms.create('jobs', { periodInMinutes: 0.5 });
  if (!(await jobs.runDue())) await alarms.clear('jobs');
}
alarms.onAlarm.addListener(run);
runtime.onStartup.addListener(run);
runtime.onMessage.addListener(({ prompt }) => jobs.add(prompt) && run());
