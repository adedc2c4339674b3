// Clears the history, after asking: what was not downloaded may be lost.

import { announce } from './announcer.js';
import { focusForm } from './form.js';
import { counted } from './format.js';

const button = document.querySelector('#clear');
const dialog = document.querySelector('#clearing');

/**
 * Makes the button ask, and then clear. `finished` gives the jobs that are not under way, `remove` removes
 * them. Returns a function that shows how many there are now.
 */
export function openClearHistory({ finished, remove }) {
  button.addEventListener('click', () => dialog.showModal());
  dialog.addEventListener('close', async () => {
    const isConfirmed = dialog.returnValue === 'clear';
    dialog.returnValue = '';
    if (!isConfirmed) return;
    const jobs = finished();
    await remove(jobs);
    announce(`Removed ${counted(jobs.length, 'track')}.`);
    focusForm();
  });
  return () => {
    const count = finished().length;
    button.hidden = count === 0;
    dialog.querySelector('.count').textContent = counted(count, 'track');
  };
}
