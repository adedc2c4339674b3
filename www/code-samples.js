// The code that does what the page does with a request, to be taken away.

/** The samples for a request: `{ name, label, text }`. None holds a key. */
export function codeSamples(request) {
  return [
    { name: 'client', label: 'Client', text: client(request) },
    { name: 'jobs', label: 'With jobs', text: jobs(request) },
    { name: 'html', label: 'HTML page', text: html(request) },
    { name: 'server', label: 'Server half', text: server },
    { name: 'curl', label: 'curl', text: curl(request) },
  ];
}

function client(request) {
  return `import { generateAudio } from 'stable-audio-client';

const url = await generateAudio(${literal(request)}, {
  baseUrl: '/api', // the server half, which keeps the key
  recovery: 'server',
});
`;
}

function jobs(request) {
  return `import { StableAudio } from 'stable-audio-client';
import { openJobs } from 'stable-audio-client/jobs';

const client = new StableAudio({ baseUrl: '/api', recovery: 'server' });
const jobs = openJobs({ client }); // stored: takes up after a reload what is under way

jobs.subscribe((all) => console.log(all));
jobs.add(${literal(request)});
`;
}

function html(request) {
  // Nothing in it may end the script.
  const audioRequest = indent(literal(request).replaceAll('<', '\\x3c'));
  return `<!doctype html>
<audio controls></audio>
<script type="module">
  import { generateAudio } from 'https://cdn.jsdelivr.net/npm/stable-audio-client/dist/index.js';

  const url = await generateAudio(${audioRequest}, { baseUrl: '/api', recovery: 'server' });
  document.querySelector('audio').src = url;
</script>
`;
}

const server = `import { serve } from 'srvx/node';
import { staticMiddleware } from 'srvx/static';
import { createHandler } from 'stable-audio-client/server';
import { takeCredits, userOf } from './site.js'; // yours to write

const handler = createHandler({
  apiKey: process.env.AIMLAPI_KEY,
  authorize: (request) => userOf(request), // who asks, by your session
  spend: (user, { credits }) => takeCredits(user, credits), // your quota, asked once for each track
});

serve({ fetch: handler, middleware: [staticMiddleware({ dir: 'public' })] });
`;

function curl({ prompt, secondsStart, secondsTotal, steps }) {
  const body = JSON.stringify({
    model: 'stable-audio',
    prompt,
    seconds_start: secondsStart,
    seconds_total: secondsTotal,
    steps,
  });
  return `# Submits, and is billed. Sent again, it is billed again.
curl https://api.aimlapi.com/v2/generate/audio \\
  -H "Authorization: Bearer $AIMLAPI_KEY" \\
  -H 'Content-Type: application/json' \\
  -d '${body.replaceAll("'", "'\\''")}'

# Asks for the track by the id of the reply, every 10 s until it is completed.
curl "https://api.aimlapi.com/v2/generate/audio?generation_id=$ID" \\
  -H "Authorization: Bearer $AIMLAPI_KEY"
`;
}

/** A request as it is written in JavaScript. */
function literal(request) {
  const fields = Object.entries(request).filter(([, value]) => value !== undefined);
  if (fields.length === 1) return quoted(request.prompt);
  const lines = fields.map(([name, value]) => `  ${name}: ${typeof value === 'string' ? quoted(value) : value},\n`);
  return `{\n${lines.join('')}}`;
}

function quoted(text) {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${escaped}'`;
}

function indent(text) {
  return text.replaceAll('\n', '\n  ');
}
