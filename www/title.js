// What a tab says while nobody looks at it: in its title, and by a notification where that is allowed.

import { word } from './outcome.js';

const name = document.title;
const button = document.querySelector('#notify');
let done = '';

/** Shows in the title how far the work is, or what has been completed unseen. `shares` are per cents. */
export function showInTitle(shares) {
  if (!document.hidden) done = '';
  const known = shares.filter((share) => share !== undefined);
  const underWay = shares.length > 1 ? `${shares.length} tracks` : '1 track';
  const progress = known.length > 0 ? `${Math.floor(Math.min(...known))} % of ${underWay}` : `Sending ${underWay}`;
  document.title = [done, shares.length > 0 && progress, name].filter(Boolean).join(' · ');
}

/** Says that a job has ended, to somebody who is elsewhere. */
export function notify(job) {
  const { key, request } = job.record;
  const mark = { completed: '✓', failed: '✗', unknown: '?' }[job.phase];
  if (!mark || !document.hidden) return;
  done = `${mark} ${request.prompt.slice(0, 40)}`;
  if (globalThis.Notification?.permission !== 'granted') return;
  try {
    // Several tabs may show the same job: the tag makes it one notification.
    const notification = new Notification(`${word(job)}: ${request.prompt}`, { tag: `stable-audio/${key}` });
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
