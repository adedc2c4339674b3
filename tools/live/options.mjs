// What `npm run live` is asked for, and what that costs.

import { parseArgs } from 'node:util';

import { demoKey } from '../emulator.mjs';
import { serviceKey } from '../service-key.mjs';
import { advice, engines } from '../setup/browsers.mjs';

const service = 'https://api.aimlapi.com';
const creditsPerStep = 252;
const creditsPerDollar = 2_000_000;

// `--browser` and `--json` may stand alone; they then mean this.
const alone = { '--browser': 'chromium', '--json': '-' };

/** Reads the command line; what cannot be done is refused before anything is sent. */
export function readOptions(args) {
  const { values } = parseArgs({
    args: args.flatMap((arg, at) => completed(arg, args[at + 1])),
    options: {
      'base-url': { type: 'string', default: service },
      browser: { type: 'string' },
      stream: { type: 'boolean', default: false },
      json: { type: 'string' },
      yes: { type: 'boolean', default: false },
    },
  });
  const { browser, stream, json, yes } = values;
  const { base, local } = readBase(values['base-url']);
  if (browser !== undefined) mustHave(browser);
  const key = local ? demoKey : serviceKey();
  if (!key) {
    throw new Error('there is no key: set AIMLAPI_KEY to one of your account (one with a limit of its own is enough)');
  }
  return { base, local, key, browser, stream, json, yes, orders: ordersOf(browser, stream) };
}

/** What so many generations of one step cost. */
export function costOf(count) {
  const credits = count * creditsPerStep;
  return { generations: count, credits, usd: credits / creditsPerDollar };
}

/** Dollars as people read them, of however little. */
export function dollars(usd) {
  return `$${usd.toFixed(6)}`;
}

/** The credits that a difference of two balances in dollars is. */
export function creditsOf(usd) {
  return Math.round(usd * creditsPerDollar * 100) / 100;
}

function completed(arg, next) {
  const value = alone[arg];
  return value === undefined || (next !== undefined && !next.startsWith('-')) ? [arg] : [`${arg}=${value}`];
}

function readBase(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new Error('--base-url: an http(s) address, without a name, a query or a fragment');
  }
  const local = /^((.+\.)?localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !local) throw new Error('--base-url: https, or the key could be read on the way');
  return { base: url.href.replace(/\/+$/, ''), local };
}

function mustHave(name) {
  const found = engines();
  if (!Object.hasOwn(found, name)) throw new Error(`--browser: one of ${Object.keys(found).join(', ')}`);
  if (!found[name]) throw new Error(`${name}: ${advice(name)}`);
}

function ordersOf(browser, stream) {
  const places = browser === undefined ? ['Node'] : ['Node', browser];
  return places.flatMap((place) => (stream ? [place, `${place}, streamed`] : [place]));
}
