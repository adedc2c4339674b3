// Fake timers of test runners: a call is driven to its end, and real time works again afterwards.

import { nodePackage } from './project.mjs';

/** Calls driven by a clock `{ fake, advance, real }`, with a mock service. */
const scenario = `import { StableAudio } from 'stable-audio-client';

const url = 'https://files.test/track.wav';
// A WAV without a sample.
const wav = Buffer.alloc(44);
wav.write('RIFF');
wav.writeUInt32LE(36, 4);
wav.write('WAVEfmt ', 8);
wav.writeUInt32LE(16, 16);
wav.write('data', 36);

/** Completes at the poll of that number. It uses no Response: Node needs a real \`queueMicrotask\` to read one. */
function service(polls) {
  let asked = 0;
  const reply = (status, body) => ({ ok: true, status, headers: new Headers(), text: async () => JSON.stringify(body) });
  return async (to, { method }) => {
    if (to === url) return { ...reply(200), arrayBuffer: async () => new Uint8Array(wav).buffer };
    if (method === 'POST') return reply(201, { id: 'a', status: 'queued' });
    const done = ++asked >= polls;
    return reply(200, done ? { id: 'a', status: 'completed', audio_file: { url } } : { id: 'a', status: 'generating' });
  };
}

function newClient(polls) {
  return new StableAudio({ baseUrl: 'https://service.test', apiKey: 'key', fetch: service(polls) });
}

// Taken before anything is faked, to report a call that never settles.
const { setTimeout, clearTimeout } = globalThis;
function within(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(what + ' did not settle')), 5000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function same(actual, expected) {
  if (actual !== expected) throw new Error(actual + ' is not ' + expected);
}

async function driven(client, { advance }) {
  let settled = false;
  const call = client.generate('rain').finally(() => (settled = true));
  call.catch(() => {});
  for (let second = 0; !settled && second < 120; second++) await advance(1000);
  same(await within('a call driven for two minutes', call), url);
}

export async function scenario(clock) {
  const client = newClient(3);
  for (const _round of [1, 2]) {
    clock.fake();
    const submitted = await within('submit', client.submit('rain'));
    same(submitted.id, 'a');
    same((await within('check', client.check(submitted))).id, 'a');
    await driven(client, clock);
    await driven(newClient(3), clock);
    same((await within('download', client.download(url))).size, wav.length);
    // A call that is not driven to its end does not affect others.
    newClient(Infinity).generate('rain').catch(() => {});
    await within('a submit beside it', newClient(1).submit('rain'));
    clock.real();
    const again = [client, newClient(2)].map((one) => one.generate('rain', { pollIntervalMs: 1000 }));
    same((await within('the same client in real time', again[0])), url);
    same((await within('a new client in real time', again[1])), url);
  }
}
`;

// The arguments of the runner's own function, by setting.
const settings = {
  'the defaults': '',
  'queueMicrotask and all else': `{ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate',
    'clearImmediate', 'Date', 'performance', 'queueMicrotask'] }`,
  'timers and the date alone': "{ toFake: ['setTimeout', 'clearTimeout', 'Date'] }",
  'time that advances by itself': '{ shouldAdvanceTime: true }',
  'the start of the epoch': '{ now: 0 }',
};

const jestSettings = {
  'the defaults': '',
  'no queueMicrotask and no nextTick': "{ doNotFake: ['queueMicrotask', 'nextTick'] }",
  'time that advances by itself': '{ advanceTimers: true }',
  'the start of the epoch': '{ now: 0 }',
};

const jestTest = (setting) => `import { jest } from '@jest/globals';
import { scenario } from './scenario.mjs';
it('is driven', () =>
  scenario({
    fake: () => jest.useFakeTimers(${setting}),
    advance: (ms) => jest.advanceTimersByTimeAsync(ms),
    real: () => jest.useRealTimers(),
  }), 20_000);
`;

const vitestTest = (setting) => `import { it, vi } from 'vitest';
import { scenario } from './scenario.mjs';
it('is driven', () =>
  scenario({
    fake: () => vi.useFakeTimers(${setting}),
    advance: (ms) => vi.advanceTimersByTimeAsync(ms),
    real: () => vi.useRealTimers(),
  }), 20_000);
`;

const sinonProgram = (setting) => `import { useFakeTimers } from 'sinon';
import { scenario } from './scenario.mjs';
let clock;
await scenario({
  fake: () => (clock = useFakeTimers(${setting})),
  advance: (ms) => clock.tickAsync(ms),
  real: () => clock.restore(),
});
// One call never settles.
process.exit();
`;

/** A file for each setting, with a copy of the module each. */
const files = (all, content, name) =>
  Object.fromEntries([
    ['scenario.mjs', scenario],
    ...Object.values(all).map((setting, index) => [name(index), content(setting)]),
  ]);

const row = (name, title, { tools, files: texts, run }) => ({
  name: `timers-${name}`,
  title: `fake timers of ${title}`,
  async run({ makeProject }) {
    const project = await makeProject({ tools, files: texts });
    await run(project);
    return project.versions();
  },
});

/** Jest, with tests that are ES modules. */
export const jest = (project, ...flags) =>
  project.script('--experimental-vm-modules', '--no-warnings', project.bin('jest/bin/jest.js'), ...flags);

export const fakeTimers = [
  row('jest', 'Jest', {
    tools: { jest: 'latest' },
    files: files(jestSettings, jestTest, (index) => `timers-${index}.test.js`),
    run: jest,
  }),
  row('vitest', 'Vitest', {
    // It requires a newer Node than this package.
    tools: { vitest: 'latest', [nodePackage]: '^24' },
    files: files(settings, vitestTest, (index) => `timers-${index}.test.js`),
    run: (project) => project.node('vitest/vitest.mjs', 'run'),
  }),
  row('sinon', 'sinon', {
    tools: { sinon: 'latest' },
    files: files(settings, sinonProgram, (index) => `timers-${index}.mjs`),
    run: (project) => Promise.all(Object.keys(settings).map((_, index) => project.script(`timers-${index}.mjs`))),
  }),
];
