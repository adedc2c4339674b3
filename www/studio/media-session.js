// The machine's own controls: the keys of a keyboard or a headset, and a locked screen.

import { goToTrack } from './shown-tracks.js';

let current;

/** From now on the machine shows and controls the track that plays. */
export function openMediaSession() {
  const { mediaSession } = navigator;
  if (!mediaSession) return;
  const handlers = {
    play: () => current.play(),
    pause: () => current.pause(),
    stop: () => current.pause(),
    seekto: ({ seekTime }) => seek(seekTime),
    seekbackward: ({ seekOffset = 5 }) => seek(current.currentTime - seekOffset),
    seekforward: ({ seekOffset = 5 }) => seek(current.currentTime + seekOffset),
    previoustrack: () => goToTrack(-1, { plays: true }),
    nexttrack: () => goToTrack(1, { plays: true }),
  };
  for (const [action, handler] of Object.entries(handlers)) {
    try {
      mediaSession.setActionHandler(action, handler);
    } catch {
      // Not every browser knows every action.
    }
  }
  listen('play', (audio) => {
    current = audio;
    const title = audio.closest('.card')?.getAttribute('aria-label') ?? document.title;
    mediaSession.metadata = new MediaMetadata({ title, artist: 'stable-audio' });
  });
  // WebKit takes the pause of another track for that of the current one.
  for (const event of ['play', 'playing', 'pause']) {
    listen(event, () => (mediaSession.playbackState = current?.paused === false ? 'playing' : 'paused'));
  }
  for (const event of ['playing', 'seeked', 'ratechange']) listen(event, showPosition);

  function showPosition(audio) {
    const { duration, currentTime, playbackRate } = audio;
    if (audio !== current || !Number.isFinite(duration)) return;
    mediaSession.setPositionState?.({ duration, playbackRate, position: Math.min(currentTime, duration) });
  }
}

function seek(seconds) {
  // Nobody knows the duration of what has not been loaded yet; the browser keeps to it later.
  const { duration } = current;
  current.currentTime = Math.min(Math.max(0, seconds), Number.isFinite(duration) ? duration : seconds);
}

function listen(event, act) {
  // Events of media do not bubble.
  document.addEventListener(event, ({ target }) => act(target), { capture: true });
}
