let last: string | undefined;

/** A version 4 UUID. Pages without https have no `crypto.randomUUID`. Throws where there is no randomness. */
export function randomUuid(): string {
  const uuid = '00000000-0000-4000-8000-000000000000'.replace(/[08]/g, digit);
  // A replaced source that always gives the same would name two jobs alike.
  if (uuid === last) throw new Error('crypto.getRandomValues repeats itself');
  return (last = uuid);
}

/** In place of a 0 any digit, in place of an 8 one of 8 to b. */
function digit(mark: string): string {
  const [random = 0] = crypto.getRandomValues(new Uint8Array(1));
  return ((random % (mark === '8' ? 4 : 16)) + +mark).toString(16);
}
