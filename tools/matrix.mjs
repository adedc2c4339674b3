// `npm run matrix`: one generation with the packed package in every tool, browser and runtime that
// this machine has. `npm run matrix -- --only NAME` runs one row, one kind of row, or several with
// commas between; `--core` those that are run on every change.

import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { build } from './build.mjs';
import { buildEmulator } from './emulator.mjs';
import { main } from './main.mjs';
import { root } from './paths.mjs';
import { npm, npmCommand, run, seconds } from './run.mjs';
import { engines } from './setup/browsers.mjs';
import { setUpTests } from './setup.mjs';

// The rows that `npm test` runs beside those of the browsers: what finds most for its time.
const core = new Set([
  'vite-8-dev',
  'vite-8-build',
  'webpack',
  'rolldown',
  'esbuild',
  'node-20',
  'node-24',
  'bun',
  'workerd',
  'server-node-24',
  'server-deno',
  'server-workerd',
  'server-hono',
  'mangled-esbuild',
  'state-vue',
  'state-alpine',
  'state-others',
  'jest-jsdom',
  'timers-jest',
  'timers-vitest',
  'timers-sinon',
]);

await main(import.meta.url, async () => {
  const { only, core: coreAlone } = parseArgs({
    options: { only: { type: 'string' }, core: { type: 'boolean', default: false } },
  }).values;
  const env = await setUpTests();
  await build(env);
  await buildEmulator();
  const rows = await chosen(only, coreAlone);
  const context = await open();
  const results = [];
  const begun = performance.now();
  try {
    for (const row of rows) results.push(await perform(row, context));
  } finally {
    await context.close();
  }
  console.log(`\n${table(results)}\n`);
  const failed = results.filter(({ result }) => result === 'failed');
  const absent = results.filter(({ result }) => result === 'not run');
  console.log(
    `${results.length} rows, ${failed.length} failed, ${absent.length} not run, ${seconds(performance.now() - begun)}`,
  );
  if (failed.length > 0) throw new Error(`failed: ${failed.map(({ name }) => name).join(', ')}`);
});

async function chosen(only, coreAlone) {
  const { bundlers } = await import('../tests/consumers/bundlers.mjs');
  const { contexts } = await import('../tests/consumers/contexts.mjs');
  const { untested } = await import('../tests/consumers/untested.mjs');
  const { frameworks } = await import('../tests/consumers/frameworks.mjs');
  const { libraries } = await import('../tests/consumers/libraries.mjs');
  const { runtimes } = await import('../tests/consumers/runtimes.mjs');
  const { servers } = await import('../tests/consumers/servers.mjs');
  const { state } = await import('../tests/consumers/state.mjs');
  const { testRunners } = await import('../tests/consumers/test-runners.mjs');
  const all = [
    ...contexts,
    ...runtimes,
    ...servers,
    ...bundlers,
    ...frameworks,
    ...state,
    ...testRunners,
    ...libraries,
    ...untested,
  ];
  if (coreAlone) return all.filter((row) => row.engine || core.has(row.name));
  const names = only?.split(',');
  const wanted = all.filter(({ name }) => names?.some((one) => name === one || name.startsWith(`${one}-`)) ?? true);
  if (wanted.length === 0) throw new Error(`--only: one of ${all.map(({ name }) => name).join(', ')}`);
  return wanted;
}

async function perform(row, context) {
  const start = performance.now();
  const done = (result, notes = '') => {
    const sign = { passed: '✓', failed: '✗', 'not run': '–' }[result];
    const time = seconds(performance.now() - start);
    console.log(`${sign} ${row.title}${notes && `: ${notes}`} (${time})`);
    return { name: row.name, title: row.title, result, notes: notes.split('\n')[0], time };
  };
  if (row.skip) return done('not run', row.skip);
  if (row.engine && !context.engines[row.engine]) {
    // A person may lack an engine; where everything must run, nothing may be left out.
    return done(process.env.CI ? 'failed' : 'not run', `${row.engine} is not here`);
  }
  try {
    return done('passed', (await row.run(context)) ?? context.browserVersion(row.engine));
  } catch (error) {
    const reason = error.absent ?? error.message;
    return done(error.absent ? 'not run' : 'failed', reason);
  }
}

/** What rows are run with: the tarball, the emulator, browsers that stay open. */
async function open() {
  const { openEmulator } = await import('../tests/support/emulator.mjs');
  const { openBrowser } = await import('../tests/browser/harness/engines.mjs');
  const { makeProject } = await import('../tests/consumers/project.mjs');

  const base = await mkdtemp(join(tmpdir(), 'stable-audio-matrix-'));
  const makeFolder = () => mkdtemp(join(base, 'row-'));
  const { folder: packed, tarball } = await pack(base);
  const emulator = await openEmulator({ speed: 100 });
  const opened = new Map();
  const browserVersions = new Map();

  const browser = async (engine) => {
    if (!opened.has(engine)) opened.set(engine, await openBrowser(engine));
    const { driver } = opened.get(engine);
    const capabilities = await driver.getCapabilities();
    browserVersions.set(engine, `${engine} ${capabilities.get('browserVersion')}`);
    return driver;
  };

  /** Runs a consumer, and checks the outcome that it reports and the requests that the emulator received. */
  const assertGenerates = async (work, { outcome = new RegExp(`^generated ${emulator.url}/`), submits = 1 } = {}) => {
    await emulator.reset();
    const reported = String(await work()).trim();
    if (!outcome.test(reported)) throw new Error(`it reported: ${reported}`);
    const { requests } = await emulator.ledger();
    const sent = requests.filter(({ method }) => method === 'POST').length;
    if (sent !== submits) throw new Error(`it sent ${sent} POSTs, not ${submits}`);
  };

  const inBrowser = (engine, url, expected) =>
    assertGenerates(async () => {
      const driver = await browser(engine);
      await driver.get(`${url}/?service=${encodeURIComponent(emulator.url)}`);
      return titleOf(driver);
    }, expected);

  return {
    engines: engines(),
    packed,
    emulator,
    makeFolder,
    addFiles,
    assertGenerates,
    browser,
    inBrowser,
    inChromium: (url) => inBrowser('chromium', url),
    browserVersion: (engine) => browserVersions.get(engine) ?? '',
    npx: async (...args) => {
      const [command, ...flags] = npmCommand(['exec', '--yes', '--prefer-offline', '--', ...args]);
      await run(command, flags, { cwd: base, stdio: 'ignore' });
    },
    makeProject: async ({ folder, keep, ...rest }) => {
      const place = folder ?? (await makeFolder());
      const manifest = keep ? JSON.parse(await readFile(join(place, 'package.json'), 'utf8')) : {};
      return makeProject({ folder: place, tarball, manifest, ...rest });
    },
    close: async () => {
      for (const { close } of opened.values()) await close();
      await emulator.stop();
      await rm(base, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function titleOf(driver) {
  const late = Date.now() + 30_000;
  for (;;) {
    const title = await driver.getTitle();
    if (/^(generated|failed) /.test(title)) return title;
    if (Date.now() > late) return `nothing in 30 s (title: ${title})`;
    await sleep(50);
  }
}

async function pack(base) {
  await npm(['pack', '--silent', '--pack-destination', base], { cwd: root, stdio: 'ignore' });
  const [name] = await readdir(base);
  await run('tar', ['-xzf', name], { cwd: base });
  return { tarball: join(base, name), folder: join(base, 'package') };
}

async function addFiles(folder, files) {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

function table(results) {
  const rows = [['row', 'what', 'result', 'versions, or why not', 'time']];
  for (const { name, title, result, notes, time } of results) rows.push([name, title, result, notes, time]);
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
