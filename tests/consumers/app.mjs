// The program that every consumer runs: it generates once, and reports the outcome in one line. The service's URL
// is in the page's URL.

const generate = `generateAudio('rain on a tin roof', { baseUrl, apiKey: 'demo-key', pollIntervalMs: 1000 }).then(
  (url) => 'generated ' + url,
  (error) => 'failed ' + error.code + ': ' + error.message,
)`;

/** A page's module: the outcome becomes its title. */
export const pageModule = (from = 'stable-audio-client') => `import { generateAudio } from '${from}';
const baseUrl = new URLSearchParams(location.search).get('service');
${generate}.then((outcome) => (document.title = outcome));
`;

/** The same with the slim entry point; `source` is the module's source, `imports` what that needs. */
export const slimModule = (source, imports = '') => `${imports}import { ready } from 'stable-audio-client/slim';
ready(${source}).catch((error) => console.error(error));
${pageModule('stable-audio-client/slim')}`;

/** The same with a dynamic import at the call: no script that was loaded before contains the module. */
export const lazyModule = `import { isStableAudioError } from 'stable-audio-client/slim';
const baseUrl = new URLSearchParams(location.search).get('service');
// A string that only the module contains; the brackets keep this script from matching.
async function isLoaded() {
  const scripts = performance.getEntriesByType('resource').filter(({ name }) => /\\.js$/.test(name));
  const texts = await Promise.all(scripts.map(async ({ name }) => (await fetch(name)).text()));
  return texts.some((text) => /Bearer[ ]/.test(text));
}
async function run() {
  if (await isLoaded()) return 'failed early: the module was loaded before the call';
  const { generateAudio } = await import('stable-audio-client');
  if (!(await isLoaded())) return 'failed test: the string of the module was not found';
  const error = await generateAudio('', { baseUrl }).catch((reason) => reason);
  if (!isStableAudioError(error)) return 'failed error: not recognised as an error of the package: ' + error;
  return ${generate};
}
run().then((outcome) => (document.title = outcome));
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
${generate}.then((outcome) => console.log(outcome));
`;

/** A test for a test runner. */
export const generateTest = (baseUrl) => `it('generates', async () => {
  const baseUrl = '${baseUrl}';
  console.log(await ${generate});
});
`;

/** The workers: each receives the service's URL, and posts the outcome. */
export const workers = {
  dedicated: (from) => `import { generateAudio } from '${from}';
onmessage = ({ data: baseUrl }) => ${generate}.then((outcome) => postMessage(outcome));
`,
  shared: (from) => `import { generateAudio } from '${from}';
onconnect = ({ ports: [port] }) =>
  (port.onmessage = ({ data: baseUrl }) => ${generate}.then((outcome) => port.postMessage(outcome)));
`,
  service: (from) => `import { generateAudio } from '${from}';
oninstall = () => skipWaiting();
onactivate = (event) => event.waitUntil(clients.claim());
onmessage = (event) => {
  const baseUrl = event.data;
  event.waitUntil(${generate}.then((outcome) => event.source.postMessage(outcome)));
};
`,
};

/** The pages that start the workers. */
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
  service: (type) => `const report = (error) => (document.title = 'failed worker: ' + error);
navigator.serviceWorker.onmessage = ({ data }) => (document.title = data);
navigator.serviceWorker.register('/worker.js', { type: '${type}' }).then(async () => {
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage(new URLSearchParams(location.search).get('service'));
}, report);
`,
};

/** The background of an extension: it starts by itself, and reports to the test's server. */
export const background = (from, baseUrl, report) => `import { generateAudio } from '${from}';
const baseUrl = '${baseUrl}';
${generate}.then((body) => fetch('${report}', { method: 'POST', mode: 'no-cors', body }));
`;

/** A Cloudflare Worker. */
export const worker = `import { generateAudio } from 'stable-audio-client';
export default {
  async fetch(request) {
    const baseUrl = new URL(request.url).searchParams.get('service');
    if (!baseUrl) return new Response('ready');
    return new Response(await ${generate});
  },
};
`;

/** A route of a server. */
export const route = `import { generateAudio } from 'stable-audio-client';
export async function GET(request: Request) {
  const baseUrl = new URL(request.url).searchParams.get('service')!;
  return new Response(await ${generate});
}
`;
