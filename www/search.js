// Finds tracks by words of their prompts.

import { announce } from './announcer.js';
import { counted } from './format.js';

/** Fewer are seen at a glance. */
const fewest = 6;
const pauseMs = 700;

const list = document.querySelector('#tracks');
const panel = document.querySelector('#searching');
const field = document.querySelector('#search');
const count = panel.querySelector('.count');

/** Opens the search. Call `update` on what it returns when the list has changed, `clear` to show all. */
export function openSearch() {
  let telling;

  const update = () => {
    const items = [...list.children];
    panel.hidden = items.length < fewest && field.value === '';
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const item of items) item.hidden = !words.every((word) => promptOf(item).includes(word));
    const found = items.filter(({ hidden }) => !hidden).length;
    count.textContent = words.length > 0 ? `${found} of ${counted(items.length, 'track')}` : '';
  };

  field.addEventListener('input', () => {
    update();
    // Once, when the typing is over.
    clearTimeout(telling);
    telling = setTimeout(() => announce(count.textContent), pauseMs);
  });
  return {
    update,
    clear() {
      if (field.value === '') return;
      field.value = '';
      update();
    },
  };
}

function promptOf(item) {
  return item.querySelector('.prompt')?.textContent.toLowerCase() ?? '';
}
