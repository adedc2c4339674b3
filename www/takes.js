// Takes: several jobs of the same request, made together. Which one a job is, is stored with it.

export const most = 4;

/** What is stored with each of `count` jobs that belong together; nothing for one alone. */
export function createTakes(count) {
  if (count === 1) return [undefined];
  const group = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  return Array.from({ length: count }, (_, index) => ({ take: { group, index } }));
}

/** Which take a job is, `{ group, index }`; undefined for one alone. */
export function takeOf({ meta }) {
  const { group, index } = Object(Object(meta).take);
  return typeof group === 'string' && Number.isInteger(index) && index >= 0 && index < most
    ? { group, index }
    : undefined;
}

/** `A` to `D` */
export function letterOf({ index }) {
  return 'ABCD'[index];
}
