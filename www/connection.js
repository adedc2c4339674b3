// Where a page of a static host sends its requests, and the key for that: held in memory, or, if
// asked, for as long as the tab is open. It is never stored for longer.

import { lookUpBalance } from './balance.js';
import { recall, remember } from './preferences.js';
import { mistakeInConnection } from './validation.js';

const service = 'https://api.aimlapi.com';
const panel = document.querySelector('#connection');
const mistake = document.querySelector('#connection-mistake');
const balance = document.querySelector('#balance');
const button = panel.querySelector('.connect button');
const { address, key, keep } = panel.elements;
const sessionKey = 'stable-audio.connection';

/**
 * Opens the panel. `opened` is given the client's options, and `{ host, isConnected }`: at the start, and
 * whenever another address is connected to.
 */
export function openConnection({ opened }) {
  let current = recall('address') ?? service;
  let secret;
  let isConnected = false;

  const open = () => {
    const server = current;
    const apiKey = () => {
      // A key is for the address that it was given with.
      if (!isConnected || server !== current) throw new Error('no key has been given');
      return secret;
    };
    // A proxy adds a key of its own where none is given here.
    const needsKey = secret || new URL(server).origin === service || !isConnected;
    opened({ baseUrl: server, ...(needsKey && { apiKey }) }, { host: new URL(server).host, isConnected });
  };

  const connect = (given) => {
    // Another key for what is under way: the function above gives it to the next request.
    const isSame = isConnected && given.address === current && Boolean(given.key) === Boolean(secret);
    isConnected = true;
    current = given.address;
    secret = given.key;
    remember('address', current);
    show();
    if (!isSame) open();
  };

  const show = () => {
    panel.dataset.connected = String(isConnected);
    panel.querySelector('#connected-to').textContent = new URL(current).host;
    address.value = current;
    key.value = '';
  };

  panel.addEventListener('submit', async (event) => {
    event.preventDefault();
    showMistake();
    const given = { address: address.value.trim() || service, key: key.value.trim() };
    const wrong = (await mistakeInConnection(given)) ?? (await check(given));
    showMistake(wrong?.text);
    if (wrong) return panel.elements[wrong.field].focus();
    if (keep.checked) sessionStorage.setItem(sessionKey, JSON.stringify(given));
    return connect(given);
  });
  panel.querySelector('#disconnect').addEventListener('click', () => {
    sessionStorage.removeItem(sessionKey);
    // Whoever connects next takes up what is under way; the key is gone with the page.
    location.reload();
  });

  const kept = keptForSession();
  if (kept) {
    connect(kept);
    check(kept);
  } else {
    open();
    show();
  }
  panel.hidden = false;

  return {
    get isConnected() {
      return isConnected;
    },
    /** Leads to where a key is given, and says why. */
    ask(why) {
      panel.dataset.connected = 'false';
      showMistake(why);
      key.focus();
    },
  };
}

/** Asks what the key's account holds, and shows it. Resolves to what is wrong with the key, if that is known. */
async function check(given) {
  button.textContent = 'Checking the key…';
  const { isRefused, amount } = await lookUpBalance(given);
  button.textContent = 'Connect';
  balance.textContent = amount ? `The account had ${amount} when it was connected.` : '';
  return isRefused ? { field: 'key', text: 'The service does not accept this key. Nothing was spent.' } : undefined;
}

function showMistake(text) {
  mistake.hidden = !text;
  mistake.textContent = text ?? '';
}

function keptForSession() {
  try {
    return JSON.parse(sessionStorage.getItem(sessionKey)) ?? undefined;
  } catch {
    return undefined;
  }
}
