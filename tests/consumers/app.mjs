// The program that every consumer runs: one job, told in one line. The service's address is in the
// page's own.

const make = `generateAudio('rain on a tin roof', { baseUrl, apiKey: 'demo-key', pollIntervalMs: 1000 }).then(
  (url) => 'made ' + url,
  (error) => 'failed ' + error.code + ': ' + error.message,
)`;

/** A page's module: the outcome becomes its title. */
export const pageModule = (from = 'stable-audio-client') => `import { generateAudio } from '${from}';
const baseUrl = new URLSearchParams(location.search).get('service');
${make}.then((outcome) => (document.title = outcome));
`;

/** The same with the slim entry; `source` is where the module is, `imports` what that needs. */
export const slimModule = (source, imports = '') => `${imports}import { ready } from 'stable-audio-client/slim';
ready(${source}).catch((error) => console.error(error));
${pageModule('stable-audio-client/slim')}`;

/** The same by an import at the moment of the call: no script that came before has the module in it. */
export const lazyModule = `import { isStableAudioError } from 'stable-audio-client/slim';
const baseUrl = new URLSearchParams(location.search).get('service');
// A word that is in the module alone, written so that this is not it.
async function isLoaded() {
  const scripts = performance.getEntriesByType('resource').filter(({ name }) => /\\.js$/.test(name));
  const texts = await Promise.all(scripts.map(async ({ name }) => (await fetch(name)).text()));
  return texts.some((text) => /Bearer[ ]/.test(text));
}
async function make() {
  if (await isLoaded()) return 'failed early: it was there before the call';
  const { generateAudio } = await import('stable-audio-client');
  if (!(await isLoaded())) return 'failed test: the word is nowhere';
  const error = await generateAudio('', { baseUrl }).catch((reason) => reason);
  if (!isStableAudioError(error)) return 'failed error: not known as an error of the package: ' + error;
  return ${make};
}
make().then((outcome) => (document.title = outcome));
`;

/** A page that loads one module. */
export const pageHtml = (script) => `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>waiting</title><link rel="icon" href="data:,"></head>
  <body>${script}</body>
</html>
`;

/** A program for a server-side runtime: the service's address is its argument. */
export const program = (argument) => `import { generateAudio } from 'stable-audio-client';
const baseUrl = ${argument};
${make}.then((outcome) => console.log(outcome));
`;

/** A test in a test runner, which makes a track. */
export const trackTest = (baseUrl) => `it('makes a track', async () => {
  const baseUrl = '${baseUrl}';
  console.log(await ${make});
});
`;

/** The workers: each is told the service's address and answers with the outcome. */
export const workers = {
  dedicated: (from) => `import { generateAudio } from '${from}';
onmessage = ({ data: baseUrl }) => ${make}.then((outcome) => postMessage(outcome));
`,
  shared: (from) => `import { generateAudio } from '${from}';
onconnect = ({ ports: [port] }) =>
  (port.onmessage = ({ data: baseUrl }) => ${make}.then((outcome) => port.postMessage(outcome)));
`,
  service: (from) => `import { generateAudio } from '${from}';
oninstall = () => skipWaiting();
onactivate = (event) => event.waitUntil(clients.claim());
onmessage = (event) => {
  const baseUrl = event.data;
  event.waitUntil(${make}.then((outcome) => event.source.postMessage(outcome)));
};
`,
};

/** A page that has a worker do it. */
export const workerPages = {
  dedicated: (type) => `const worker = new Worker('/worker.js', { type: '${type}' });
worker.onmessage = ({ data }) => (document.title = data);
worker.onerror = (event) => (document.title = 'failed worker: ' + event.message);
worker.postMessage(new URLSearchParams(location.search).get('service'));
`,
  shared: (type) => `const worker = new SharedWorker('/worker.js', { type: '${type}' });
worker.onerror = (event) => (document.title = 'failed worker: ' + event.message);
worker.port.onmessage = ({ data }) => (document.title = data);
worker.port.postMessage(new URLSearchParams(location.search).get('service'));
`,
  service: (type) => `const told = (error) => (document.title = 'failed worker: ' + error);
navigator.serviceWorker.onmessage = ({ data }) => (document.title = data);
navigator.serviceWorker.register('/worker.js', { type: '${type}' }).then(async () => {
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage(new URLSearchParams(location.search).get('service'));
}, told);
`,
};

/** An extension's background: it starts by itself and reports to where the test waits. */
export const background = (from, baseUrl, report) => `import { generateAudio } from '${from}';
const baseUrl = '${baseUrl}';
${make}.then((body) => fetch('${report}', { method: 'POST', mode: 'no-cors', body }));
`;

/** A Cloudflare Worker. */
export const worker = `import { generateAudio } from 'stable-audio-client';
export default {
  async fetch(request) {
    const baseUrl = new URL(request.url).searchParams.get('service');
    if (!baseUrl) return new Response('ready');
    return new Response(await ${make});
  },
};
`;

/** A route of a server. */
export const route = `import { generateAudio } from 'stable-audio-client';
export async function GET(request: Request) {
  const baseUrl = new URL(request.url).searchParams.get('service')!;
  return new Response(await ${make});
}
`;
