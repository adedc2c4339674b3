// The longest time for which the main thread was blocked: gaps between messages that the page sends itself.

import { wall } from './clock.mjs';

/** Starts ticking; the function that it returns stops it, and gives the longest gap in milliseconds. */
export function tick() {
  const { port1, port2 } = new MessageChannel();
  let last = wall();
  let longest = 0;
  port1.addEventListener('message', () => {
    const now = wall();
    longest = Math.max(longest, now - last);
    last = now;
    port2.postMessage(0);
  });
  port1.start();
  port2.postMessage(0);
  return () => {
    port1.close();
    return longest;
  };
}
