// Clears the history, after asking: what was not downloaded may be lost.

import { focusForm } from './form.js';
import { tell } from './announcer.js';
import { counted } from './words.js';

const button = document.querySelector('#clear');
const dialog = document.querySelector('#clearing');

/**
 * Opens what leads to it. `finished` gives the jobs that are not under way, `remove` takes them from
 * where they are kept. The function that is given back shows how many there are now.
 */
export function openClearing({ finished, remove }) {
  button.addEventListener('click', () => dialog.showModal());
  dialog.addEventListener('close', async () => {
    const isMeant = dialog.returnValue === 'clear';
    dialog.returnValue = '';
    if (!isMeant) return;
    const jobs = finished();
    await remove(jobs);
    tell(`Removed ${counted(jobs.length, 'track')}.`);
    focusForm();
  });
  return () => {
    const count = finished().length;
    button.hidden = count === 0;
    dialog.querySelector('.count').textContent = counted(count, 'track');
  };
}
