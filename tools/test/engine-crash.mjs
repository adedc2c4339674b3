// WebKit's processes end now and then as they start, since a signal interrupts a call of GLib's. That says
// nothing of the package: the files of tests that met it are run once more, and the result says so.

const crash = 'getauxval () failed: Interrupted system call';

/** The files whose tests failed because the engine crashed, in what `node --test` has printed. */
export function crashedFiles(output) {
  const failures = output
    .slice(output.lastIndexOf('failing tests:'))
    .split(/^\s*test at /m)
    .slice(1);
  const files = new Set(failures.filter((failure) => failure.includes(crash)).map(fileOf));
  // One that failed by itself is a failure, whatever else has crashed.
  return failures.every((failure) => files.has(fileOf(failure))) ? [...files] : [];
}

function fileOf(failure) {
  return failure.slice(0, failure.indexOf('.test.mjs')) + '.test.mjs';
}
