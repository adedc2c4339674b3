// The options: where requests go, the key for that, and how long the key is kept.

import { guardGestures } from '../gesture.js';
import { mistakeInConnection } from '../rehearsal.js';
import { browser } from './browser.js';
import { patternOf, service, settings, store } from './settings.js';

const form = document.querySelector('#options');
const { address, key, keep } = form.elements;
const forget = document.querySelector('#forget');
const held = document.querySelector('#held');
const mistake = document.querySelector('#mistake');
const saved = document.querySelector('#saved');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const given = { address: address.value.trim() || service, key: key.value.trim(), keep: keep.checked };
  // Asked first, and not waited for: a browser lets a page ask only in answer to a press.
  askToReach(given.address);
  const before = await settings();
  // An empty field leaves a key as it is, for the address that it was given with.
  if (!given.key && given.address === before.address) given.key = before.key;
  // The key itself may be given later.
  const isKeyless = !given.key && URL.canParse(given.address) && new URL(given.address).origin === service;
  const wrong = isKeyless ? undefined : await mistakeInConnection(given);
  say(wrong?.text);
  if (wrong) return;
  await store(given);
  await show('Saved.');
});

forget.addEventListener('click', async () => {
  await store({ address: (await settings()).address });
  await show('The key is forgotten.');
});

guardGestures();
show('');

async function show(said) {
  const now = await settings();
  address.value = now.address;
  key.value = '';
  keep.checked = now.keep;
  forget.hidden = !now.key;
  held.textContent = now.key
    ? `There is a key, ${now.keep ? 'kept on this computer' : 'until the browser is closed'}. Empty leaves it as it is.`
    : 'There is no key.';
  saved.textContent = said;
}

function say(text) {
  mistake.hidden = !text;
  mistake.textContent = text ?? '';
}

/** Asks to reach that address also where it does not open itself to pages. */
function askToReach(wanted) {
  if (!URL.canParse(wanted)) return;
  // A refusal is no obstacle where whoever answers there answers everybody; then nothing is looked up.
  browser.permissions.request({ origins: [patternOf(wanted)] }).catch(() => {});
}
