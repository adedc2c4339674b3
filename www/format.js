// How the page says things: numbers, times, sentences and names.

const numbers = new Intl.NumberFormat('en');

export const creditsPerStep = 252;

/** `25,200 credits` */
export function credits(count) {
  return `${numbers.format(count)} credits`;
}

/** The service's rate: 2,000,000 credits are a dollar. */
const creditsPerDollar = 2_000_000;

/** `0.01 ¢`, `1.3 ¢` or `$1.26`, of credits */
export function money(count) {
  const dollars = count / creditsPerDollar;
  const cents = 100 * dollars;
  return dollars < 1 ? `${cents.toFixed(cents < 0.1 ? 2 : 1)} ¢` : `$${dollars.toFixed(2)}`;
}

/** `1:05` */
export function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

const times = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** `14:32:10`, of a moment in epoch milliseconds */
export function timeOfDay(at) {
  return times.format(at);
}

const dates = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** `26 Nov, 14:32`, of a moment in epoch milliseconds */
export function dateAndTime(at) {
  return dates.format(at);
}

/** `5.3 MB` */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `3 checks` */
export function counted(count, noun) {
  return `${numbers.format(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** The package's messages start in lower case and end without a full stop. */
export function sentence(message = '') {
  return message && `${message[0].toUpperCase()}${message.slice(1)}.`;
}

/** `lo-fi-piano-in-the-rain-30s.wav` */
export function fileName({ prompt, secondsTotal = 30 }, type) {
  const words = prompt
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, 48)
    .replace(/^-+|-+$/g, '');
  const extension = { 'audio/wav': 'wav', 'audio/mpeg': 'mp3', 'audio/ogg': 'ogg', 'audio/flac': 'flac' }[type];
  return `${words || 'track'}-${secondsTotal}s.${extension ?? 'wav'}`;
}
