// A folded panel with the code of a call, one kind at a time.

const links = {
  README: 'https://www.npmjs.com/package/stable-audio-client#readme',
  npm: 'https://www.npmjs.com/package/stable-audio-client',
};

/** Fills a `<details>` when it is opened. `request` gives what the code is for; call `update` when that changes. */
export function openCodePanel(details, request) {
  const kinds = element('p', { className: 'actions' });
  kinds.setAttribute('role', 'group');
  kinds.setAttribute('aria-label', 'Kind of code');
  const code = element('code');
  const pre = element('pre', { tabIndex: 0 }, code);
  const copied = element('span', { className: 'hint' });
  const copy = element('button', { type: 'button', textContent: 'Copy' });
  const actions = element('p', { className: 'actions' }, copy, ...Object.entries(links).map(link), copied);
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
    copied.textContent = '';
  };

  const choice = (kind, label) => {
    const button = element('button', { type: 'button', textContent: label });
    button.dataset.kind = kind;
    button.addEventListener('click', () => {
      chosen = kind;
      update();
    });
    return button;
  };

  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      copied.textContent = 'Copied.';
    } catch {
      copied.textContent = 'This browser does not let the page copy: select the text.';
    }
  });
  details.addEventListener('toggle', update);
  return { update };
}

function link([text, href]) {
  return element('a', { textContent: text, href, target: '_blank', rel: 'noreferrer' });
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
