// What is there once for all tracks: the volume.

import { createElement } from '../element.js';
import { setVolume, volume } from '../volume.js';
import { loadStyle } from './style.js';

const actions = document.querySelector('#tracks-title + .actions');
let isOpen = false;

/** Shows what is there for the finished tracks. Call it as often as there is another. */
export async function openDesk() {
  if (isOpen) return;
  isOpen = true;
  await loadStyle();
  const input = createElement('input', { type: 'range', min: '0', max: '100', value: volume() });
  input.addEventListener('input', () => setVolume(input.valueAsNumber));
  actions.prepend(createElement('label', { className: 'volume' }, 'Volume ', input));
}
