// The longest time in which the page did nothing else: gaps between messages that it sends itself.

import { wall } from './clock.mjs';

/** Starts ticking; what it gives back stops it, and tells the longest gap in milliseconds. */
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
