// Tells somebody who is elsewhere how jobs stand: by a notification of each that has ended, and by the
// badge, which counts them, or else shows that some are under way.

import { isUnfinished } from '../job-state.js';
import { labelOf } from '../outcome.js';
import { showNotification } from './notifications.js';

const outcomes = new Set(['completed', 'failed', 'unknown']);

/** Announces the jobs that end while the background lives. */
export function announceOutcomes(jobs) {
  let before = new Map();
  let isScheduled = false;

  const update = () => {
    isScheduled = false;
    const now = jobs.getSnapshot();
    for (const job of now) {
      const known = before.get(job.key);
      if (known && isUnfinished(known) && isOutcome(job)) {
        showNotification(`track/${job.key}`, labelOf(job), job.request.prompt.slice(0, 200));
      }
    }
    before = new Map(now.map((job) => [job.key, job]));
    showBadge(now);
  };

  jobs.subscribe((now) => {
    // Not before the jobs are loaded, and once for all of them.
    if (isScheduled || (now.length === 0 && before.size === 0)) return;
    isScheduled = true;
    queueMicrotask(update);
  });
}

/** Notes that what has ended so far has been seen. */
export async function markSeen(jobs) {
  await chrome.storage.local.set({ seenAt: Date.now() });
  await showBadge(jobs.getSnapshot());
}

async function showBadge(jobs) {
  const { seenAt = 0 } = await chrome.storage.local.get('seenAt');
  const unseen = jobs.filter((job) => isOutcome(job) && job.endedAt > seenAt).length;
  const underWay = jobs.some(isUnfinished) ? '…' : '';
  await chrome.action.setBadgeText({ text: unseen > 0 ? String(unseen) : underWay });
}

/** A job that was stopped has ended by a press of whoever would be told. */
function isOutcome({ phase }) {
  return outcomes.has(phase);
}
