// From a bundle with the names of its sources to the file that is shipped.

const longestLine = 170;
const compress = {
  ecma: 2022,
  module: true,
  passes: 3,
  // Reading a property may call a getter of the caller's, which is never left out.
  pure_getters: false,
  // A function in another has names that a compressor has not seen before.
  inline: false,
  reduce_funcs: false,
};

/**
 * The bundle with short names, but for those of its exported classes, and in short lines. terser finds more
 * to leave out than esbuild, 1 % of what a user ships; esbuild gives the shorter names.
 */
export async function minify(bundle) {
  const { minify: terser } = await import('terser');
  const { transform } = await import('esbuild');
  const { wrap } = await import('./wrap.mjs');
  const { code: less } = await terser(bundle, { compress, mangle: false, module: true, ecma: 2022 });
  const options = { format: 'esm', target: 'es2022', charset: 'utf8', legalComments: 'inline', minify: true };
  const { code } = await transform(withOuterNames(less), options);
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
