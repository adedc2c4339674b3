// Keys for the tracks. They do nothing while somebody types, and can be turned off, because speech input and
// trembling hands press single keys by mistake.

import { createElement } from '../element.js';
import { recall, remember } from '../preferences.js';
import { silence } from '../one-sound.js';
import { currentTrack, goToTrack, press } from './shown-tracks.js';

const keys = [
  {
    key: ' ',
    name: 'Space',
    does: 'Play, or stop what sounds',
    act: () => silence() || press(currentTrack(), '.play'),
  },
  { key: 'j', name: 'J', does: 'Next track', act: () => goToTrack(1) },
  { key: 'k', name: 'K', does: 'Previous track', act: () => goToTrack(-1) },
  { key: 'l', name: 'L', does: 'Repeat the track, or not', act: () => press(currentTrack(), '.loop') },
  { key: 'd', name: 'D', does: 'Download the track', act: () => press(currentTrack(), '[data-action="download"]') },
  { key: '?', name: '?', does: 'This list' },
];

/** From now on keys do what they do. Returns a button that lists them. */
export function openKeys() {
  const button = createElement('button', { type: 'button', id: 'keys', textContent: 'Keys' });
  const dialog = createDialog();
  const list = () => dialog.showModal();
  const isOn = dialog.querySelector('input');
  isOn.checked = recall('keys') !== 'off';
  isOn.addEventListener('change', () => remember('keys', isOn.checked ? 'on' : 'off'));
  button.addEventListener('click', list);
  document.body.append(dialog);
  document.addEventListener('keydown', (event) => {
    const pressed = keys.find(({ key }) => key === event.key.toLowerCase());
    if (!pressed || !isOn.checked || event.repeat || !isFree(event)) return;
    event.preventDefault();
    (pressed.act ?? list)();
  });
  return button;
}

/** Whether a key is meant for the page as a whole, not for what has the focus, and not for the browser. */
function isFree({ key, target, ctrlKey, metaKey, altKey, isComposing, defaultPrevented }) {
  if (ctrlKey || metaKey || altKey || isComposing || defaultPrevented) return false;
  if (document.querySelector('dialog[open]')) return false;
  if (target.closest('input, textarea, select, [contenteditable]')) return false;
  // Space presses what has the focus.
  return key !== ' ' || !target.closest('button, a, summary');
}

function createDialog() {
  const dialog = createElement('dialog', { id: 'keys-list' });
  const title = createElement('h2', { id: 'keys-title', textContent: 'Keys' });
  dialog.setAttribute('aria-labelledby', title.id);
  const rows = keys.flatMap(({ name, does }) => [
    createElement('dt', {}, createElement('kbd', { textContent: name })),
    createElement('dd', { textContent: does }),
  ]);
  const isOn = createElement('input', { type: 'checkbox' });
  const close = createElement('button', { textContent: 'Close', autofocus: true });
  dialog.append(
    createElement(
      'form',
      { method: 'dialog' },
      title,
      createElement('dl', {}, ...rows),
      createElement('p', {
        className: 'hint',
        textContent: 'They mean the track that has the focus, else the one that was played last, else the first.',
      }),
      createElement('p', {}, createElement('label', { className: 'check' }, isOn, ' Use these keys')),
      createElement('p', { className: 'actions' }, close),
    ),
  );
  return dialog;
}
