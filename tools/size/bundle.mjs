// A program as it reaches a browser: bundled and minified, in the way of most users of esbuild.

/** esbuild's `input` (`entryPoints`, or `stdin`) as the bytes of one file; `more` options beside. */
export async function bundled(input, more = {}) {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    ...input,
    ...more,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0].contents;
}
