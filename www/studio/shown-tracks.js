// The finished tracks that the page shows, and which of them keys and the machine's own controls mean.

let lastPlayed;

document.addEventListener('play', ({ target }) => (lastPlayed = target.closest('.card') ?? lastPlayed), {
  capture: true,
});

function all() {
  return [...document.querySelectorAll('.card[data-phase="completed"]')].filter(
    (card) => card.checkVisibility?.() ?? card.offsetParent,
  );
}

/** The card that has the focus, else the one that was played last, else the first; undefined where there is none. */
export function currentTrack() {
  const cards = all();
  const focused = document.activeElement?.closest('.card');
  return [focused, lastPlayed].find((card) => cards.includes(card)) ?? cards[0];
}

/** Goes to the track that is so many after the current one, and plays it if another was playing. */
export function goToTrack(step, { isPlaying } = {}) {
  const cards = all();
  const current = currentTrack();
  const isFirst = document.activeElement?.closest('.card') !== current && lastPlayed !== current;
  const next = isFirst ? current : cards[cards.indexOf(current) + step];
  if (!next) return;
  const wasPlaying = isPlaying ?? cards.some((card) => !card.querySelector('audio').paused);
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
  if (wasPlaying && next !== current) press(next, '.play');
}

/** Presses a button of a track, as a hand does. */
export function press(card, css) {
  const button = card?.querySelector(css);
  if (button && !button.hidden) button.click();
}
