// What may be printed: no key, and no query of a URL, which may be a signature.

/** A function that makes a text, or the texts within any JSON value, fit to print. */
export function redactor(key) {
  const text = (given) => given.replaceAll(key, '[key]').replace(/(https?:\/\/[^\s"'`?]+)\?[^\s"'`]*/g, '$1?…');
  const redact = (value) => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map(redact);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [text(name), redact(each)]));
  };
  return redact;
}
