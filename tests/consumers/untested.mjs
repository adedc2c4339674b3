// Environments that cannot be tested here, listed so that nobody assumes that they are.

const untestedRow = (name, title, skip) => ({ name, title, skip });

export const untested = [
  untestedRow('safari', 'Safari on macOS and iOS', 'needs an Apple machine; WebKitGTK, of the same engine, stands in'),
  untestedRow('phones', 'Chrome and Firefox on Android', 'need a phone; the engines are those of the rows above'),
  untestedRow('cloudflare', "Cloudflare's own network", 'needs an account; workerd, its runtime, stands in'),
  untestedRow('vercel', "Vercel's own edge network", "needs an account; Next's own edge runtime stands in"),
];
