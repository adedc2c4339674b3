// What no machine of ours can run: named, so that nobody takes it for tested.

const notHere = (name, title, skip) => ({ name, title, skip });

export const elsewhere = [
  notHere('safari', 'Safari on macOS and iOS', 'needs an Apple machine; WebKitGTK, of the same engine, stands in'),
  notHere('phones', 'Chrome and Firefox on Android', 'need a phone; the engines are those of the rows above'),
  notHere('cloudflare', "Cloudflare's own network", 'needs an account; workerd, its runtime, stands in'),
  notHere('vercel', "Vercel's own edge network", "needs an account; Next's own edge runtime stands in"),
];
