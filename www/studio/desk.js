// What is there once for all tracks: the volume, a zip of all, the keys, and the keys of the machine itself.

import { createElement } from '../element.js';
import { setVolume, volume } from '../volume.js';
import { openKeys } from './keys.js';
import { openMediaSession } from './media-session.js';
import { loadStyle } from './style.js';

const actions = document.querySelector('#tracks-title + .actions');
let current, zip;

/** Shows what is there for the finished tracks of `jobs`; `openFile` gives a job's file. Call it as often as there is another. */
export async function openDesk(next) {
  const isFirst = !current;
  if (current?.jobs !== next.jobs) {
    current?.unsubscribe();
    current = { ...next, unsubscribe: next.jobs.subscribe(() => zip && showZip()) };
  }
  if (!isFirst) return;
  openMediaSession();
  await loadStyle();
  zip = createElement('button', { type: 'button', id: 'zip', textContent: 'Download all' });
  zip.addEventListener('click', downloadAll);
  actions.prepend(createVolume(), zip, openKeys());
  showZip();
}

function createVolume() {
  const input = createElement('input', { type: 'range', min: '0', max: '100', value: volume() });
  input.addEventListener('input', () => setVolume(input.valueAsNumber));
  return createElement('label', { className: 'volume' }, 'Volume ', input);
}

const completed = () => current.jobs.getSnapshot().filter(({ phase }) => phase === 'completed');

function showZip() {
  zip.hidden = completed().length < 2;
}

async function downloadAll() {
  if (zip.ariaBusy === 'true') return;
  zip.ariaBusy = 'true';
  const { downloadZip } = await import('./zip.js');
  await downloadZip(completed().map(current.openFile), (done, total) => (zip.textContent = `${done} of ${total}`));
  zip.ariaBusy = 'false';
  zip.textContent = 'Download all';
}
