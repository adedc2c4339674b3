// One track plays at a time, in all panels and the popup.

const channel = new BroadcastChannel('player');

/** Pauses whatever else plays when a track of this page starts. */
export function playOneAtATime() {
  // Events of media do not bubble.
  document.addEventListener(
    'play',
    ({ target }) => {
      pauseAllBut(target);
      // A channel has no target.
      // oxlint-disable-next-line require-post-message-target-origin
      channel.postMessage('play');
    },
    { capture: true },
  );
  channel.addEventListener('message', () => pauseAllBut());
}

function pauseAllBut(playing) {
  for (const audio of document.querySelectorAll('audio')) if (audio !== playing) audio.pause();
}
