// What a screen reader calls the parts of a card: by themselves many cards have a "Download".

let count = 0;

/** Names everything that can be operated after the card's track, too. */
export function nameControls(article, prompt) {
  count += 1;
  const title = article.querySelector('.prompt');
  title.id = `track-${count}`;
  for (const [index, control] of article.querySelectorAll('button, a.button, summary').entries()) {
    control.id = `track-${count}-${index}`;
    // By its own text, which changes.
    control.setAttribute('aria-labelledby', `${control.id} ${title.id}`);
  }
  for (const named of article.querySelectorAll('[data-of]')) {
    named.setAttribute('aria-label', `${named.dataset.of} of ${prompt}`);
  }
}
