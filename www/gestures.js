// One gesture is one action. A hand double-clicks, holds a key, or presses where a button has just
// given its place to another, and means it once; what a request costs is then paid once.

/** What follows within this still belongs to the same gesture, in milliseconds. */
const gestureMs = 1000;
/** Nobody has seen a button yet that appeared less than this ago, in milliseconds. */
const unseenMs = 400;
/** How far a pointer strays between two presses that are meant as one, in CSS pixels. */
const strayPx = 24;

const appearedAt = new WeakMap();
const requestedAt = new Map();

/** Guards every button of this page, by pointer and by keyboard. */
export function guardGestures() {
  let pressed, last;

  document.addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Enter') return;
      if (!event.repeat) pressed = event.target;
      // Held where text is written, it makes new lines.
      else if (event.target !== pressed || !writesText(event)) stop(event);
    },
    { capture: true },
  );

  document.addEventListener(
    'click',
    (event) => {
      const button = event.target.closest('button, .button');
      // Keyboards and scripts click, too, and at no place: those say 0.
      if (!button || event.detail === 0) return;
      const now = performance.now();
      const isReplaced = last && last.button !== button && now - last.at < gestureMs && isNear(last, event);
      const isUnseen = now - appearedAt.get(button) < unseenMs;
      if (event.detail > 1 || isReplaced || isUnseen) return stop(event);
      last = { button, at: now, clientX: event.clientX, clientY: event.clientY };
    },
    { capture: true },
  );
}

/** Shows or hides a button, which is not pressed before it can have been seen. */
export function offer(button, isOffered) {
  if (isOffered && (button.hidden || !appearedAt.has(button))) appearedAt.set(button, performance.now());
  button.hidden = !isOffered;
}

/** Whether the very same request was made within the last second, however that came about. */
export function isRepeated(request) {
  const now = performance.now();
  for (const [known, at] of requestedAt) if (now - at >= gestureMs) requestedAt.delete(known);
  const wanted = JSON.stringify(request);
  const isKnown = requestedAt.has(wanted);
  requestedAt.set(wanted, now);
  return isKnown;
}

function writesText({ target, ctrlKey, metaKey }) {
  return target.matches('textarea') && !ctrlKey && !metaKey;
}

function isNear(a, b) {
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) <= strayPx;
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}
