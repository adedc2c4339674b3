// Elements that are made by the page's scripts.

/** An element with these properties and children. */
export function createElement(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Sets an element's text unless it has it: to set the same text again can make a screen reader repeat it. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A button that copies what `text` gives, and a line that says whether it has. */
export function createCopyButton(label, text) {
  const status = createElement('span', { className: 'hint' });
  const button = createElement('button', { type: 'button', textContent: label });
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text());
      status.textContent = 'Copied.';
    } catch {
      status.textContent = 'This browser does not let the page copy: select the text.';
    }
  });
  return { button, status };
}
