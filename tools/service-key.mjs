// The user's key of the real service. It leaves the environment before anything else is done: no
// program that a script starts, be it npm's, cargo's or apt's, inherits it.

const given = process.env.AIMLAPI_KEY?.trim();
delete process.env.AIMLAPI_KEY;

/** The key in AIMLAPI_KEY, or undefined; one that no header can carry is refused. */
export function serviceKey() {
  if (given && !/^[\x21-\x7e]+$/.test(given)) throw new Error('AIMLAPI_KEY is not a usable key');
  return given || undefined;
}
