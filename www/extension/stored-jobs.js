// The package's jobs in the extension's storage. The pages store what is to be done, and the background
// does it: it alone sends.

import { extensionStorage, openJobs } from 'stable-audio-client/jobs';

/** Opens the jobs; `saved` is called after each change that was stored, `onStorageError` with what was not. */
export function openStoredJobs({ client, saved, onStorageError }) {
  const storage = extensionStorage(chrome.storage.local);
  const jobs = openJobs({ client, follow: false, storage: { ...storage, save }, onStorageError });

  async function save(record) {
    try {
      await storage.save(record);
    } catch (error) {
      // What cannot be stored is not sent: this background may be killed, and nobody would know of it.
      if (record.changes === 0) jobs.remove(record.key);
      else if (!record.generation) jobs.stop(record.key);
      throw error;
    }
    saved?.();
  }

  return jobs;
}

export function describeStorageError({ message }) {
  return `The browser cannot store tracks (${message}). What is not stored is not sent. Remove tracks to make room.`;
}
