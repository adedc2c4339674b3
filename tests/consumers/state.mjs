// A client in the state of frameworks, which wrap it in a proxy.

import { nodePackage } from './project.mjs';

/** Calls every method of a client, as a method and without its receiver. */
const exercise = `import { StableAudio, isStableAudioError } from 'stable-audio-client';

export const newClient = () => new StableAudio({ baseUrl: process.argv[2], apiKey: 'demo-key' });

/** Throws unless the client, which may be wrapped in a proxy, works. */
export async function exercise(name, client) {
  try {
    await bound(client);
    await unbound(client);
  } catch (error) {
    console.log('failed in ' + name + ': ' + error.stack);
    throw error;
  }
}

async function bound(client) {
  const waiting = { pollIntervalMs: 1000 };
  const url = await client.generate('rain on a tin roof', waiting);
  const submitted = await client.submit('rain on a tin roof');
  const checked = await client.check(submitted);
  const audio = await client.waitFor(checked, waiting);
  const blob = await client.download(audio);
  const good = [url, audio.url].every((one) => one.startsWith(process.argv[2])) && blob.size > 0;
  if (!good || checked.id !== submitted.id) throw new Error('unexpected results: ' + JSON.stringify({ url, audio }));
}

async function unbound(client) {
  const methods = Object.getOwnPropertyNames(StableAudio.prototype).filter(
    (name) => name !== 'constructor' && typeof client[name] === 'function',
  );
  if (methods.length < 5) throw new Error('methods: ' + methods);
  for (const name of methods) {
    const { [name]: method } = client;
    const error = await method('rain').catch((reason) => reason);
    if (!(error instanceof TypeError || isStableAudioError(error))) throw new Error(name + ' gave ' + error);
  }
}

/** Runs all \`containers\`, and prints the outcome in one line. */
export async function run(containers) {
  const failed = [];
  await Promise.all(Object.entries(containers).map(([name, work]) => work().catch(() => failed.push(name))));
  console.log(failed.length > 0 ? 'failed in ' + failed.join() : 'generated ' + process.argv[2] + '/');
}
`;

const vue = `import { createSSRApp, reactive, readonly, ref, shallowReactive, shallowRef } from 'vue';
import { renderToString } from 'vue/server-renderer';
import { createPinia, defineStore } from 'pinia';
import { exercise, newClient, run } from './exercise.mjs';

const pinia = createPinia();
const withOptions = defineStore('options', {
  state: () => ({ client: newClient() }),
  actions: {
    exercise() {
      return exercise('an option store', this.client);
    },
  },
});
const withSetup = defineStore('setup', () => ({ client: ref(newClient()) }));
const component = {
  data: () => ({ client: newClient() }),
  template: '<p>{{ client }}</p>',
  serverPrefetch() {
    return exercise('a component', this.client);
  },
};

run({
  ref: () => exercise('ref', ref(newClient()).value),
  'a ref in an object': () => exercise('a ref in an object', ref({ client: newClient() }).value.client),
  reactive: () => exercise('reactive', reactive({ client: newClient() }).client),
  'reactive itself': () => exercise('reactive itself', reactive(newClient())),
  readonly: () => exercise('readonly', readonly({ client: newClient() }).client),
  shallowRef: () => exercise('shallowRef', shallowRef(newClient()).value),
  shallowReactive: () => exercise('shallowReactive', shallowReactive(newClient())),
  'a component': () => renderToString(createSSRApp(component)),
  'an option store': () => withOptions(pinia).exercise(),
  'a setup store': () => exercise('a setup store', withSetup(pinia).client),
});
`;

const alpine = `import { createRequire } from 'node:module';
import { JSDOM } from 'jsdom';
import { exercise, newClient, run } from './exercise.mjs';

const { window } = new JSDOM('<div x-data="track" x-init="exerciseClient()"></div><div x-data="{ client: newClient() }"></div>');
const names = ['document', 'window', 'Element', 'HTMLElement', 'MutationObserver', 'Node', 'ShadowRoot', 'CustomEvent'];
for (const name of names) globalThis[name] = name === 'window' ? window : window[name];
// If there is a window, the package takes the functions of the platform from it.
Object.assign(window, { fetch, newClient });
globalThis.newClient = newClient;
// It looks for the document when it is loaded.
const { default: Alpine } = createRequire(import.meta.url)('alpinejs');

const exercised = new Promise((resolve, reject) =>
  Alpine.data('track', () => ({
    client: newClient(),
    exerciseClient() {
      exercise('a component', this.client).then(resolve, reject);
    },
  })),
);
Alpine.store('audio', { client: newClient() });
Alpine.start();
const [, inline] = document.querySelectorAll('div');

run({
  'a component': () => exercised,
  'x-data': () => exercise('x-data', Alpine.$data(inline).client),
  'a store': () => exercise('a store', Alpine.store('audio').client),
  reactive: () => exercise('reactive', Alpine.reactive({ client: newClient() }).client),
});
`;

const others = `import { produce } from 'immer';
import { observable } from 'mobx';
import { proxy } from 'valtio/vanilla';
import { exercise, newClient, run } from './exercise.mjs';

run({
  'a bare proxy': () => exercise('a bare proxy', new Proxy(newClient(), {})),
  'a frozen client': () => exercise('a frozen client', Object.freeze(newClient())),
  immer: () => exercise('immer', produce({}, (draft) => void (draft.client = newClient())).client),
  mobx: () => exercise('mobx', observable({ client: newClient() }).client),
  valtio: () => exercise('valtio', proxy({ client: newClient() }).client),
});
`;

/** A row: the program is run in a project with these tools, and `containers` clients submit twice. */
const row = (name, title, { tools, code, containers }) => ({
  name,
  title,
  async run({ makeProject, assertGenerates, emulator }) {
    const project = await makeProject({ tools, files: { 'exercise.mjs': exercise, 'run.mjs': code } });
    await assertGenerates(() => project.script('run.mjs', emulator.url), { submits: 2 * containers });
    return project.versions();
  },
});

export const state = [
  row('state-vue', 'a client in Vue and Pinia', {
    tools: { vue: '^3', pinia: 'latest' },
    code: vue,
    containers: 10,
  }),
  row('state-alpine', 'a client in Alpine, with jsdom', {
    // jsdom requires a newer Node than this package.
    tools: { alpinejs: '^3', jsdom: 'latest', [nodePackage]: '^24' },
    code: alpine,
    containers: 4,
  }),
  row('state-others', 'a client behind a proxy, frozen, in Immer, MobX and Valtio', {
    tools: { immer: 'latest', mobx: 'latest', valtio: 'latest' },
    code: others,
    containers: 5,
  }),
];
