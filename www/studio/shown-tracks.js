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

/** The card that has the focus, else the one that plays, or was played last; undefined where there is none. */
function chosenTrack(cards) {
  const focused = document.activeElement?.closest('.card');
  return [focused, cards.find(isPlaying), lastPlayed].find((card) => cards.includes(card));
}

/** The track that keys mean: the chosen one, else the first; undefined where there is none. */
export function currentTrack() {
  const cards = all();
  return chosenTrack(cards) ?? cards[0];
}

/** Goes to the track that is so many after the chosen one, else to the first, and plays it if another was playing, or if it `plays`. */
export function goToTrack(step, { plays } = {}) {
  const cards = all();
  const chosen = chosenTrack(cards);
  const next = chosen ? cards[cards.indexOf(chosen) + step] : cards[0];
  if (!next) return;
  const wasPlaying = cards.some(isPlaying);
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
  if ((plays || wasPlaying) && !isPlaying(next)) press(next, '.play');
}

function isPlaying(card) {
  const audio = card.querySelector('audio');
  return Boolean(audio) && !audio.paused;
}

/** Presses a button of a track, as a hand does, which opens the card first where it is folded. */
export function press(card, css) {
  card?.querySelector('.fold[aria-expanded="false"]')?.click();
  const button = card?.querySelector(css);
  if (button && !button.hidden) button.click();
}
