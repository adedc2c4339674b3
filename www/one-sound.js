// One sound at a time, in all tabs of the page.

const channel = new BroadcastChannel('stable-audio/sound');
let stopCurrent;

channel.addEventListener('message', silence);

/** What has just begun to sound calls this with a function that stops it; whatever sounded before is stopped. */
export function soundStarted(stop) {
  if (stopCurrent !== stop) silence();
  stopCurrent = stop;
  // A channel has no target.
  // oxlint-disable-next-line require-post-message-target-origin
  channel.postMessage('started');
}

/** What has fallen silent calls this with the same function. */
export function soundEnded(stop) {
  if (stopCurrent === stop) stopCurrent = undefined;
}

/** Stops what sounds. Returns whether anything did. */
export function silence() {
  const stop = stopCurrent;
  stopCurrent = undefined;
  stop?.();
  return Boolean(stop);
}
