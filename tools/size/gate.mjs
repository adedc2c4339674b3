// Whether a weight keeps to its bound, and the bound to what is reached. size-limit knows upper bounds of
// single files alone: neither what one program weighs more than another, which bounds durable jobs, nor a
// bound that no longer binds.

/** Above what is reached, in hundredths: where a bound is set, and where it no longer binds. */
const room = 2;
const slack = 4;

/** The bound for a weight of `bytes`. */
export function boundFor(bytes) {
  return Math.floor((bytes * (100 + room)) / 100);
}

/** What is wrong with `what`, or undefined. */
export function problemOf(bytes, bound, what = 'the consumer') {
  const message = `${what} weighs ${bytes} bytes (brotli 11), the bound is ${bound}`;
  if (bytes > bound) return `${message}: ${bytes - bound} too many; see \`npm run size\``;
  if (bound * 100 > bytes * (100 + slack)) {
    return `${message}: tighten it to ${boundFor(bytes)} in tools/size/bound.mjs`;
  }
  return undefined;
}
