// The choice of how many takes are made of a request, beside the price of all of them.

import { createElement } from './element.js';

/** Puts the choice into the form; `count` of what it returns is how many are wanted. */
export function openTakesField(form) {
  const choices = [1, 2, 4].map((count) => {
    const input = createElement('input', { type: 'radio', name: 'takes', value: count, checked: count === 1 });
    // A reload asks for one again, whatever a browser would restore: each is paid for.
    input.autocomplete = 'off';
    return createElement('label', {}, input, createElement('span', { textContent: `×${count}` }));
  });
  const legend = createElement('legend', { className: 'unseen', textContent: 'Takes' });
  const fieldset = createElement('fieldset', { className: 'takes-field' }, legend, ...choices);
  const price = form.querySelector('.price');
  const row = createElement('div', { className: 'order' });
  price.replaceWith(row);
  row.append(price, fieldset);
  return {
    get count() {
      return Number(form.elements.takes.value);
    },
  };
}
