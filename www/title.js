// What a tab says while nobody looks at it: in its title, and by a notification where that is allowed.

import { stateOf } from './job-state.js';
import { labelOf } from './outcome.js';

const name = document.title;
const button = document.querySelector('#notify');
let unseen = '';

/** Shows in the title how far the work is, or what has been completed unseen. `percentages` are those of what is under way, undefined where nobody knows. */
export function showInTitle(percentages) {
  if (!document.hidden) unseen = '';
  const known = percentages.filter((percentage) => percentage !== undefined);
  const underWay = percentages.length > 1 ? `${percentages.length} tracks` : '1 track';
  const progress = known.length > 0 ? `${Math.floor(Math.min(...known))} % of ${underWay}` : `Sending ${underWay}`;
  document.title = [unseen, percentages.length > 0 && progress, name].filter(Boolean).join(' · ');
}

/** Says that a job has ended, to somebody who is elsewhere. */
export function notify(job) {
  const { key, request } = job;
  const mark = { completed: '✓', failed: '✗', unknown: '?' }[stateOf(job)];
  if (!mark || !document.hidden) return;
  unseen = `${mark} ${request.prompt.slice(0, 40)}`;
  if (globalThis.Notification?.permission !== 'granted') return;
  try {
    // Several tabs may show the same job: the tag makes it one notification.
    const notification = new Notification(`${labelOf(job)}: ${request.prompt}`, { tag: `stable-audio/${key}` });
    notification.addEventListener('click', () => window.focus());
  } catch {
    // Some browsers of phones let only a service worker do this. The title says it anyway.
  }
}

/** Offers notifications while there is something to wait for and the browser has not been asked yet. */
export function offerNotifications(isWaiting) {
  button.hidden = !isWaiting || globalThis.Notification?.permission !== 'default';
}

button.addEventListener('click', async () => {
  await Notification.requestPermission();
  offerNotifications(false);
});
