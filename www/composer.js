// What helps to write a prompt: examples, words that are added at a press, and a way back from each press.

import { createElement } from './element.js';
import { groups, hasWords, toggleWords } from './prompt-words.js';

/**
 * Opens what lies around the prompt in the form. `prompt` gives what it holds, `change` sets it. Call
 * `update` on what it returns whenever the prompt is another.
 */
export function openComposer(form, { prompt, change }) {
  const opener = form.querySelector('#words-opener');
  const panel = form.querySelector('#words');
  const undo = form.querySelector('#undo');
  /** The prompts before each press, as long as nothing else has changed the prompt. */
  let earlier = [];
  let own;

  const apply = (next) => {
    earlier.push(prompt());
    own = next;
    change(next);
  };

  const chips = groups.flatMap((group) =>
    group.words.map((words) => {
      const button = createElement('button', { type: 'button', textContent: words });
      button.addEventListener('click', () => apply(toggleWords(prompt(), words, group)));
      return { group, words, button };
    }),
  );
  for (const group of groups) {
    const label = createElement('span', { className: 'hint', textContent: group.name, ariaHidden: 'true' });
    const row = createElement('p', {}, label);
    row.setAttribute('role', 'group');
    row.setAttribute('aria-label', group.name);
    row.append(...chips.filter((chip) => chip.group === group).map(({ button }) => button));
    panel.append(row);
  }

  opener.addEventListener('click', () => {
    panel.hidden = !panel.hidden;
    opener.setAttribute('aria-expanded', String(!panel.hidden));
  });
  form.querySelector('.examples').addEventListener('click', ({ target }) => {
    if (target.matches('button')) apply(target.textContent);
  });
  undo.addEventListener('click', () => {
    own = earlier.pop();
    change(own);
    // It is gone from under the focus with the last press.
    if (undo.hidden) form.querySelector('#prompt').focus();
  });

  return {
    update() {
      const current = prompt();
      if (current !== own) earlier = [];
      undo.hidden = earlier.length === 0;
      for (const { words, button } of chips) button.setAttribute('aria-pressed', String(hasWords(current, words)));
    },
  };
}
