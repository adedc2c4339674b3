// The options: where requests go, the key for that, and how long the key is kept.

import { guardGestures } from '../gestures.js';
import { mistakeInConnection } from '../validation.js';
import { loadSettings, matchPattern, saveSettings, serviceUrl } from './settings.js';

const form = document.querySelector('#options');
const { address, key, keep } = form.elements;
const forget = document.querySelector('#forget');
const keyStatus = document.querySelector('#key-status');
const mistake = document.querySelector('#mistake');
const saved = document.querySelector('#saved');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const given = { address: address.value.trim() || serviceUrl, key: key.value.trim(), keep: keep.checked };
  // Asked first, and not waited for: a browser lets a page ask only in answer to a press.
  requestHostPermission(given.address);
  const before = await loadSettings();
  // An empty field leaves a key as it is, for the address that it was given with.
  if (!given.key && given.address === before.address) given.key = before.key;
  // The key itself may be given later.
  const isKeyless = !given.key && URL.canParse(given.address) && new URL(given.address).origin === serviceUrl;
  const wrong = isKeyless ? undefined : await mistakeInConnection(given);
  showMistake(wrong?.text);
  if (wrong) return;
  await saveSettings(given);
  await show('Saved.');
});

forget.addEventListener('click', async () => {
  await saveSettings({ address: (await loadSettings()).address });
  await show('The key is forgotten.');
});

guardGestures();
show('');

async function show(result) {
  const now = await loadSettings();
  address.value = now.address;
  key.value = '';
  keep.checked = now.keep;
  forget.hidden = !now.key;
  keyStatus.textContent = now.key
    ? `There is a key, ${now.keep ? 'kept on this computer' : 'until the browser is closed'}. Empty leaves it as it is.`
    : 'There is no key.';
  saved.textContent = result;
}

function showMistake(text) {
  mistake.hidden = !text;
  mistake.textContent = text ?? '';
}

/** Asks to reach that address also where it does not open itself to pages. */
function requestHostPermission(wanted) {
  if (!URL.canParse(wanted)) return;
  // A refusal is no obstacle where whoever answers there answers everybody; then nothing is looked up.
  chrome.permissions.request({ origins: [matchPattern(wanted)] }).catch(() => {});
}
