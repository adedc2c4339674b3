// Cards of finished tracks fold to a row. What a folded card would show is not made, nor fetched.

/** How many of the newest cards lie open when the page is loaded. */
export const openAtFirst = 5;

/** Lets a card be folded; `opened` is called when it is opened. */
export function openFolding(article, { isFolded, opened }) {
  const button = article.querySelector('.fold');
  const show = () => {
    article.toggleAttribute('data-folded', isFolded);
    button.setAttribute('aria-expanded', String(!isFolded));
  };
  button.addEventListener('click', () => {
    isFolded = !isFolded;
    show();
    if (isFolded) article.querySelector('audio')?.pause();
    else opened();
  });
  show();
  return {
    get isFolded() {
      return isFolded;
    },
    /** Only what has ended can be folded. */
    offer(isFinished) {
      button.hidden = !isFinished;
      if (isFinished || !isFolded) return;
      isFolded = false;
      show();
    },
  };
}
