// What stands in the place of a card that is about to be removed.

import { createElement } from './element.js';
import { offer } from './gestures.js';

/** Puts a row with a way back in the place of a card, and the card back, as `update` says. */
export function openRemovedRow({ article, job }, undo) {
  let row;
  return {
    /** Whether somebody is at the way back. */
    get isHeld() {
      return Boolean(row?.contains(document.activeElement)) && document.hasFocus();
    },
    update(isPending) {
      if (isPending === Boolean(row)) return;
      if (isPending) {
        article.querySelector('audio')?.pause();
        row = createRow(job.request.prompt, undo);
        swap(article, row, row.querySelector('button'));
      } else {
        swap(row, article, article);
        row = undefined;
      }
    },
  };
}

function createRow(prompt, undo) {
  const quote = createElement('q', { className: 'prompt', textContent: prompt });
  const button = createElement('button', { type: 'button', textContent: 'Undo', ariaLabel: `Undo: ${prompt}` });
  button.addEventListener('click', undo);
  offer(button, true);
  return createElement('p', { className: 'removed' }, createElement('span', {}, 'Removed: ', quote), button);
}

/** Puts one element in the place of another; a focus inside goes to `focus`, and nothing scrolls. */
function swap(shown, next, focus) {
  const hadFocus = shown.contains(document.activeElement);
  shown.replaceWith(next);
  if (hadFocus) focus.focus({ preventScroll: true });
}
