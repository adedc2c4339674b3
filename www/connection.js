// Where a page of a static host sends its requests, and the key for that: held in memory, or, if
// asked, for as long as the tab is open. It is never stored for longer.

import { StableAudio } from 'stable-audio-client';

import { mistakeInConnection } from './rehearsal.js';
import { recall, remember } from './store.js';

const service = 'https://api.aimlapi.com';
const panel = document.querySelector('#connection');
const mistake = document.querySelector('#connection-mistake');
const { address, key, keep } = panel.elements;
const drawer = 'stable-audio.connection';

/**
 * Opens the panel. `opened` is told the address, and how a client is opened, at the start and whenever another
 * address is connected to; `connected` once there is something to send requests with.
 */
export function openConnection({ opened, connected }) {
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
    const isService = new URL(server).origin === service;
    // A proxy adds a key of its own where none is given here.
    const keyed = secret || isService || !isConnected ? { apiKey } : {};
    const openClient = (options) => new StableAudio({ baseUrl: server, ...keyed, ...options });
    opened({ host: new URL(server).host, openClient });
  };

  const connect = ({ address: wanted, key: given }) => {
    // Another key for what is running already: it is asked for before every request.
    const isMended = isConnected && wanted === current && Boolean(given) === Boolean(secret);
    isConnected = true;
    current = wanted;
    secret = given;
    remember('address', wanted);
    show();
    if (isMended) return;
    open();
    connected({ host: new URL(wanted).host });
  };

  const show = () => {
    panel.dataset.connected = String(isConnected);
    panel.querySelector('#connected-to').textContent = new URL(current).host;
    address.value = current;
    key.value = '';
  };

  panel.addEventListener('submit', async (event) => {
    event.preventDefault();
    const given = { address: address.value.trim() || service, key: key.value.trim() };
    const wrong = await mistakeInConnection(given);
    say(wrong?.text);
    if (wrong) return panel.elements[wrong.field].focus();
    if (keep.checked) sessionStorage.setItem(drawer, JSON.stringify(given));
    return connect(given);
  });
  panel.querySelector('#disconnect').addEventListener('click', () => {
    sessionStorage.removeItem(drawer);
    // What runs is taken up again by whoever connects next; the key is gone with the page.
    location.reload();
  });

  const kept = keptForSession();
  if (kept) connect(kept);
  else {
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
      say(why);
      key.focus();
    },
  };
}

function say(text) {
  mistake.hidden = !text;
  mistake.textContent = text ?? '';
}

function keptForSession() {
  try {
    return JSON.parse(sessionStorage.getItem(drawer)) ?? undefined;
  } catch {
    return undefined;
  }
}
