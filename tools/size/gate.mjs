// Whether a weight keeps to its bound, and the bound to what is reached.

/** Above what is reached, in hundredths: where a bound is set, and where it no longer binds. */
const room = 2;
const slack = 4;

/** The bound for a weight of `bytes`. */
export function boundFor(bytes) {
  return Math.floor((bytes * (100 + room)) / 100);
}

/** What is wrong with `what`, or undefined. */
export function complaint(bytes, bound, what = 'the consumer') {
  const said = `${what} weighs ${bytes} bytes (brotli 11), the bound is ${bound}`;
  if (bytes > bound) return `${said}: ${bytes - bound} too many; see \`npm run size\``;
  if (bound * 100 > bytes * (100 + slack)) {
    return `${said}: tighten it to ${boundFor(bytes)} in tools/size/bound.mjs`;
  }
  return undefined;
}
