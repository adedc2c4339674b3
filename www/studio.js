// What is done with finished tracks: they are kept in this browser, played one at a time, and what else a
// studio needs is loaded once there is one.

import { Player } from './player.js';
import { Archive } from './studio/archive.js';
import { takeName } from './take-name.js';
import { TrackFile } from './track-file.js';

/** How long after its completion a file is asked for again that could not be had, in milliseconds. */
const retryMs = [5000, 30_000];

/** What `showTracks` needs to show the finished tracks of `jobs`. */
export function openStudio({ client, jobs }) {
  const archive = new Archive();
  const nameOf = (job, type) => takeName(job, type, jobs.getSnapshot());
  const openFile = (job) => new TrackFile(client, job, { archive, nameOf });
  return {
    openFile,
    forgotten: (job) => archive.forget(job),
    openPlayer(element, options) {
      openDesk({ jobs, openFile });
      return openStudioPlayer(element, { client, archive, ...options });
    },
  };
}

/** Opens a player, and keeps the file of a track that has just been completed. */
function openStudioPlayer(element, options) {
  const player = new Player(element, options);
  const closing = new AbortController();
  if (options.isNew) keep(options.file, closing.signal);
  openTools({ element, player, signal: closing.signal, ...options });
  return {
    close() {
      closing.abort();
      player.close();
    },
  };
}

async function keep(file, signal) {
  for (const waitMs of [0, ...retryMs]) {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (signal.aborted) return;
    try {
      await file.read();
      return;
    } catch {
      // The card says so when somebody wants to hear it.
    }
  }
}

async function openTools(options) {
  const tools = await import('./studio/tools.js');
  if (!options.signal.aborted) tools.openTools(options);
}

async function openDesk(options) {
  const desk = await import('./studio/desk.js');
  desk.openDesk(options);
}
