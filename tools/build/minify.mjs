// From a bundle with the names of its sources to the file that is shipped.

const longestLine = 170;

/** The bundle with short names, but for those of its exported classes, and in short lines. */
export async function minify(bundle) {
  const { transform } = await import('esbuild');
  const { wrap } = await import('./wrap.mjs');
  const options = { format: 'esm', target: 'es2022', charset: 'utf8', legalComments: 'inline', minify: true };
  const { code } = await transform(withOuterNames(bundle), options);
  return wrap(named(code), longestLine);
}

/** A class that refers to itself has a second, inner name, which would be the one that it is shown by. */
function withOuterNames(bundle) {
  return [...bundle.matchAll(/\b(\w+)=class (?!extends\b)(\w+)/g)].reduce(
    (code, [found, outer, inner]) =>
      code.replace(found, `${outer}=class`).replaceAll(new RegExp(`\\b${inner}\\b`, 'g'), outer),
    bundle,
  );
}

/** Stacks and consoles show a class by the name that its source text gives it. */
function named(code) {
  const exported = new Map([...code.matchAll(/([\w$]+) as ([A-Z]\w*)/g)].map(([, short, name]) => [short, name]));
  return code.replaceAll(/([\w$]+)=class\b/g, (found, short) =>
    exported.has(short) ? `${found} ${exported.get(short)}` : found,
  );
}
