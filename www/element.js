// Elements that are made by the page's scripts.

/** An element with these properties and children. */
export function createElement(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Gives an element a text, unless it has it: what is announced or focused is not touched without need. */
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
