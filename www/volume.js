// One volume for all that sounds in the page, remembered.

import { recall, remember } from './preferences.js';

const changes = new EventTarget();
let percent = Number(recall('volume') ?? 80);

/** In per cent. */
export function volume() {
  return percent;
}

export function setVolume(next) {
  percent = next;
  remember('volume', String(next));
  changes.dispatchEvent(new Event('change'));
}

/** Calls `apply` with the volume from 0 to 1, now and at each change until `signal` aborts. */
export function followVolume(apply, signal) {
  const tell = () => apply(percent / 100);
  changes.addEventListener('change', tell, { signal });
  tell();
}
