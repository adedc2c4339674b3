// Test runners: their emulated pages, fake timers and CommonJS.

import { generateTest } from './app.mjs';
import { fakeTimers, jest } from './fake-timers.mjs';
import { nodePackage } from './project.mjs';

const vitest = {
  name: 'vitest',
  title: 'Vitest with jsdom',
  async run({ makeProject, assertGenerates, emulator }) {
    const test = `import { expect, it } from 'vitest';
import { generateAudio } from 'stable-audio-client';
it('has an emulated page', () => expect(document.body).toBeTruthy());
${generateTest(emulator.url)}`;
    // jsdom requires a newer Node than this package.
    const tools = { vitest: 'latest', jsdom: 'latest', [nodePackage]: '^24' };
    const project = await makeProject({ tools, files: { 'app.test.js': test } });
    await assertGenerates(async () =>
      outcome(await project.node('vitest/vitest.mjs', 'run', '--environment', 'jsdom')),
    );
    return project.versions();
  },
};

/** Jest's own jsdom has no TextDecoder and no `fetch`, and its signals are not Node's. */
const jestJsdom = {
  name: 'jest-jsdom',
  title: 'Jest with jsdom: it imports; a call is `unsupported` until the missing globals are added',
  async run({ makeProject, assertGenerates, emulator }) {
    const test = `import * as entry from 'stable-audio-client';
import * as slim from 'stable-audio-client/slim';

it('imports without a TextDecoder, and a call is unsupported', async () => {
  expect(globalThis.TextDecoder).toBeUndefined();
  expect(document.body).toBeTruthy();
  for (const { StableAudio, isStableAudioError } of [entry, slim]) {
    const client = new StableAudio({ baseUrl: '/api' });
    const error = await client.generate('rain').catch((reason) => reason);
    expect(isStableAudioError(error)).toBe(true);
    if (StableAudio === entry.StableAudio) expect(error.code).toBe('unsupported');
  }
});

it('generates with the globals of Node', async () => {
  Object.assign(globalThis, fromNode);
  const options = { baseUrl: '${emulator.url}', apiKey: 'demo-key', pollIntervalMs: 1000 };
  console.log('generated ' + (await entry.generateAudio('rain', options)));
});
`;
    const environment = `import { TestEnvironment } from 'jest-environment-jsdom';
export default class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.fromNode = { AbortController, AbortSignal, TextDecoder, TextEncoder, fetch };
  }
}
`;
    const project = await makeProject({
      tools: { jest: 'latest', 'jest-environment-jsdom': 'latest', [nodePackage]: '^24' },
      files: { 'app.test.js': test, 'environment.js': environment },
    });
    await assertGenerates(async () => outcome(await jest(project, '--env', './environment.js')));
    return project.versions();
  },
};

const jestCommonJs = {
  name: 'jest-commonjs',
  title: 'Jest without ES modules: Babel and `transformIgnorePatterns`',
  async run({ makeProject, assertGenerates, emulator }) {
    const project = await makeProject({
      manifest: { type: 'commonjs', jest: { transformIgnorePatterns: ['/node_modules/(?!stable-audio-client/)'] } },
      tools: { jest: 'latest', '@babel/preset-env': 'latest' },
      files: {
        'app.test.js': `const { generateAudio } = require('stable-audio-client');\n${generateTest(emulator.url)}`,
        'babel.config.json': '{ "presets": [["@babel/preset-env", { "targets": { "node": "current" } }]] }',
      },
    });
    await assertGenerates(async () => outcome(await project.node('jest/bin/jest.js')));
    return project.versions();
  },
};

/** The outcome that a test printed. */
function outcome(output) {
  return /generated \S+/.exec(output)?.[0] ?? output;
}

export const testRunners = [vitest, jestJsdom, jestCommonJs, ...fakeTimers];
