// The code that the demo gives away: it does what the form says, whatever is written there.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';

import { parse } from 'acorn';

import { codeSamples } from '../../www/code-samples.js';

const requests = [
  { prompt: 'slow piano' },
  {
    prompt: 'it\'s "loud" `${1}` \\ </script>\n<!-- $HOME $(id) %s \' \u2028 🎹',
    secondsStart: 1,
    secondsTotal: 20,
    steps: 60,
  },
];
const samplesOf = (request) => Object.fromEntries(codeSamples(request).map(({ name, text }) => [name, text]));

describe('the code that the demo gives away', () => {
  for (const request of requests) {
    const samples = samplesOf(request);
    const { client, jobs, html } = samples;
    const script = /<script type="module">([^]*?)<\/script>/.exec(html)[1];

    for (const [kind, text] of Object.entries({ client, jobs, html: script })) {
      it(`asks by its ${kind} sample for ${JSON.stringify(request)}`, () => {
        const calls = [];
        const tree = parse(text, { ecmaVersion: 'latest', sourceType: 'module' });
        walk(tree, (node) => {
          if (node.type !== 'CallExpression') return;
          const { start, end } = node.callee;
          const [given] = node.arguments;
          if (/^(generateAudio|jobs\.add)$/.test(text.slice(start, end))) {
            calls.push(valueOf(given));
          }
        });
        const wanted = Object.keys(request).length === 1 ? request.prompt : request;
        assert.deepEqual(calls, [wanted]);
      });
    }

    it(`asks by curl for ${JSON.stringify(request)}`, { skip: process.platform === 'win32' }, () => {
      const stub = `curl() { printf '%s\\0' "$@"; }\n`;
      const env = { PATH: process.env.PATH, AIMLAPI_KEY: 'its-key', ID: 'its-id' };
      const output = execFileSync('sh', ['-c', stub + samples.curl], { env, encoding: 'utf8' });
      const given = output.split('\0');
      const body = JSON.parse(given[given.indexOf('-d') + 1]);
      const { prompt, secondsStart, secondsTotal, steps } = request;
      const fields = { seconds_start: secondsStart, seconds_total: secondsTotal, steps };
      const wanted = JSON.parse(JSON.stringify({ model: 'stable-audio', prompt, ...fields }));
      assert.deepEqual(body, wanted);
      assert.ok(given.includes('https://api.aimlapi.com/v2/generate/audio?generation_id=its-id'));
      assert.ok(given.includes('Authorization: Bearer its-key'));
    });
  }

  it('has a server half that can be parsed', () => {
    parse(samplesOf(requests[0]).server, { ecmaVersion: 'latest', sourceType: 'module' });
  });
});

/** What a literal in the code stands for. */
function valueOf({ type, value, properties }) {
  if (type === 'Literal') return value;
  return Object.fromEntries(properties.map(({ key, value }) => [key.name, value.value]));
}

function walk(node, visit) {
  if (typeof node?.type === 'string') visit(node);
  for (const value of Object.values(node ?? {})) {
    if (typeof value === 'object') walk(value, visit);
  }
}
