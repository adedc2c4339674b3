// What a finished track's card offers under its player: the file to drag, a part of the waveform, and a new
// link where the old one has expired.

import { createElement } from '../element.js';
import { askForLink } from './new-link.js';
import { loadStyle } from './style.js';

/** `told` shows what went wrong on the card, `recovered` takes back what was said about the old link. */
export async function openTools({ element, player, job, client, archive, file, signal, told, recovered }) {
  await loadStyle();
  if (signal.aborted) return;
  const audio = element.querySelector('audio');
  const { prompt } = job.request;

  const grip = createElement('a', { className: 'grip', draggable: true });
  const kept = createElement('span', { className: 'hint kept' });
  const ask = createElement('button', { type: 'button', className: 'ask-link', textContent: 'Ask for a new link' });
  const part = createElement('button', { type: 'button', className: 'part', textContent: 'Select a part' });
  const group = createElement('div', { className: 'controls part-controls', hidden: true });
  part.setAttribute('aria-pressed', 'false');
  group.setAttribute('role', 'group');
  group.setAttribute('aria-label', `Part of ${prompt}`);
  ask.hidden = true;
  element.querySelector('.loop').after(part);
  element.append(group, createElement('p', { className: 'file' }, grip, kept, ask));

  const show = () => {
    const problem = archive.problemOf(job);
    kept.textContent = { undefined: '', '': 'Kept in this browser' }[problem] ?? `Not kept in this browser: ${problem}`;
    kept.classList.toggle('not-kept', Boolean(problem));
    return useFile();
  };
  const useFile = async () => {
    const blob = await file.find();
    if (signal.aborted) return;
    grip.href = blob ? player.use(blob) : file.url;
    grip.download = file.nameFor(blob?.type ?? 'audio/wav');
    grip.textContent = grip.download;
    grip.setAttribute('aria-label', `${grip.download}: save it, or drag it`);
    if (!blob) return;
    grip.dataset.type = blob.type;
    if (archive.problemOf(job) === undefined) kept.textContent = 'Kept in this browser';
    ask.hidden = true;
    recovered();
  };

  let closePart;
  const togglePart = async () => {
    if (closePart) return endPart();
    const [wavesurfer, { openPart }] = await Promise.all([player.drawn, import('./part.js')]);
    if (signal.aborted || closePart) return;
    group.hidden = false;
    part.setAttribute('aria-pressed', 'true');
    closePart = openPart({ wavesurfer, group, file, from: audio.currentTime, told });
  };
  const endPart = () => {
    closePart?.();
    closePart = undefined;
    group.hidden = true;
    part.setAttribute('aria-pressed', 'false');
  };

  grip.addEventListener('dragstart', ({ dataTransfer }) => {
    dataTransfer.effectAllowed = 'copy';
    // Where files can be dragged out of a browser, this is what says which.
    dataTransfer.setData('DownloadURL', `${grip.dataset.type ?? 'audio/wav'}:${grip.download}:${grip.href}`);
    // Other programs, and other browsers, take a link; one to this page's memory would lead nowhere.
    dataTransfer.setData('text/uri-list', file.url);
    dataTransfer.setData('text/plain', file.url);
  });
  part.addEventListener('click', togglePart);
  ask.addEventListener('click', async () => {
    if (ask.ariaBusy === 'true') return;
    ask.ariaBusy = 'true';
    told(await askForLink({ client, job, archive, file }));
    ask.ariaBusy = 'false';
    await useFile();
  });
  // What can be played needs no other link, even where its host lets no page read it.
  const offerLink = () => (ask.hidden = audio.readyState > 0);
  for (const event of ['error', 'loadedmetadata']) audio.addEventListener(event, offerLink, { signal });
  file.addEventListener('failed', offerLink, { signal });
  archive.addEventListener(job.key, show, { signal });
  signal.addEventListener('abort', endPart);
  ask.hidden = !audio.error;
  await show();
}
