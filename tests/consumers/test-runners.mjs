// Test runners: their imitations of a page, their fake timers, their CommonJS.

import { trackTest } from './app.mjs';
import { fakeTimers, jest } from './fake-timers.mjs';
import { nodePackage } from './project.mjs';

const vitest = {
  name: 'vitest',
  title: 'Vitest with jsdom',
  async run({ makeProject, made, emulator }) {
    const test = `import { expect, it } from 'vitest';
import { generateAudio } from 'stable-audio-client';
it('has an imitation of a page', () => expect(document.body).toBeTruthy());
${trackTest(emulator.url)}`;
    // jsdom wants a newer Node than this package does.
    const tools = { vitest: 'latest', jsdom: 'latest', [nodePackage]: '^24' };
    const project = await makeProject({ tools, files: { 'app.test.js': test } });
    await made(async () => outcome(await project.node('vitest/vitest.mjs', 'run', '--environment', 'jsdom')));
    return project.versions();
  },
};

/** Jest's own jsdom has neither a text codec nor a `fetch`, and its signals are not Node's. */
const jestJsdom = {
  name: 'jest-jsdom',
  title: 'Jest with jsdom: it imports; a call is `unsupported` until the page is given what it lacks',
  async run({ makeProject, made, emulator }) {
    const test = `import * as entry from 'stable-audio-client';
import * as slim from 'stable-audio-client/slim';

it('imports where there is no text codec, and says what a call lacks', async () => {
  expect(globalThis.TextDecoder).toBeUndefined();
  expect(document.body).toBeTruthy();
  for (const { StableAudio, isStableAudioError } of [entry, slim]) {
    const client = new StableAudio({ baseUrl: '/api' });
    const error = await client.generate('rain').catch((reason) => reason);
    expect(isStableAudioError(error)).toBe(true);
    if (StableAudio === entry.StableAudio) expect(error.code).toBe('unsupported');
  }
});

it('makes a track with those of Node', async () => {
  Object.assign(globalThis, fromNode);
  const options = { baseUrl: '${emulator.url}', apiKey: 'demo-key', pollIntervalMs: 1000 };
  console.log('made ' + (await entry.generateAudio('rain', options)));
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
    await made(async () => outcome(await jest(project, '--env', './environment.js')));
    return project.versions();
  },
};

const jestCommonJs = {
  name: 'jest-commonjs',
  title: 'Jest without ES modules: Babel and `transformIgnorePatterns`',
  async run({ makeProject, made, emulator }) {
    const project = await makeProject({
      manifest: { type: 'commonjs', jest: { transformIgnorePatterns: ['/node_modules/(?!stable-audio-client/)'] } },
      tools: { jest: 'latest', '@babel/preset-env': 'latest' },
      files: {
        'app.test.js': `const { generateAudio } = require('stable-audio-client');\n${trackTest(emulator.url)}`,
        'babel.config.json': '{ "presets": [["@babel/preset-env", { "targets": { "node": "current" } }]] }',
      },
    });
    await made(async () => outcome(await project.node('jest/bin/jest.js')));
    return project.versions();
  },
};

/** What a run's tests said of a track. */
function outcome(output) {
  return /made \S+/.exec(output)?.[0] ?? output;
}

export const testRunners = [vitest, jestJsdom, jestCommonJs, ...fakeTimers];
