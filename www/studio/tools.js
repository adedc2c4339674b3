// What a finished track's card offers under its player: its file, and a new link
// where the old one has expired.

import { createElement } from '../element.js';
import { askForLink } from './new-link.js';
import { loadStyle } from './style.js';

/** `told` shows what went wrong on the card, `recovered` takes back what was said about the old link. */
export async function openTools({ element, player, job, client, archive, file, signal, told, recovered }) {
  await loadStyle();
  if (signal.aborted) return;
  const audio = element.querySelector('audio');

  const grip = createElement('a', { className: 'grip' });
  const kept = createElement('span', { className: 'hint kept' });
  const ask = createElement('button', { type: 'button', className: 'ask-link', textContent: 'Ask for a new link' });
  ask.hidden = true;
  element.append(createElement('p', { className: 'file' }, grip, kept, ask));

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
    grip.setAttribute('aria-label', `${grip.download}: save it`);
    if (!blob) return;
    if (archive.problemOf(job) === undefined) kept.textContent = 'Kept in this browser';
    ask.hidden = true;
    recovered();
  };

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
  ask.hidden = !audio.error;
  await show();
}
