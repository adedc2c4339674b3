// A folded panel with the code of a call, one kind at a time.

import { createCopyButton, createElement } from './element.js';

const links = {
  README: 'https://www.npmjs.com/package/stable-audio-client#readme',
  npm: 'https://www.npmjs.com/package/stable-audio-client',
};

/** Fills a `<details>` when it is opened. `request` gives what the code is for; call `update` when that changes. */
export function openCodePanel(details, request) {
  const kinds = createElement('p', { className: 'actions' });
  kinds.setAttribute('role', 'group');
  kinds.setAttribute('aria-label', 'Kind of code');
  const code = createElement('code');
  const pre = createElement('pre', { tabIndex: 0 }, code);
  const copy = createCopyButton('Copy', () => code.textContent);
  const actions = createElement('p', { className: 'actions' }, copy.button, ...createLinks(), copy.status);
  let chosen = 'client';

  const update = async () => {
    if (!details.open) return;
    const { codeSamples } = await import('./code-samples.js');
    const samples = codeSamples(request());
    if (kinds.childElementCount === 0) {
      kinds.append(...samples.map(({ name, label }) => choice(name, label)));
      details.append(kinds, pre, actions);
    }
    for (const button of kinds.children) button.setAttribute('aria-pressed', String(button.dataset.kind === chosen));
    code.textContent = samples.find(({ name }) => name === chosen).text;
    copy.status.textContent = '';
  };

  const choice = (kind, label) => {
    const button = createElement('button', { type: 'button', textContent: label });
    button.dataset.kind = kind;
    button.addEventListener('click', () => {
      chosen = kind;
      update();
    });
    return button;
  };

  details.addEventListener('toggle', update);
  return { update };
}

function createLinks() {
  return Object.entries(links).map(([textContent, href]) =>
    createElement('a', { textContent, href, target: '_blank', rel: 'noreferrer' }),
  );
}
