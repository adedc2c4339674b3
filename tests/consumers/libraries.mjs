// Tools that read the package without running it, and a query library that retries.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { root } from '../../tools/paths.mjs';

const oldestTypeScript = {
  name: 'typescript-5.0',
  title: 'TypeScript 5.0, the oldest that reads the declarations, by each way of resolving',
  async run({ makeProject }) {
    const server = await readFile(join(root, 'tests', 'types', 'on-node.ts'), 'utf8');
    const files = { 'app.ts': `${server}export { ready as slimReady } from 'stable-audio-client/slim';\n` };
    const project = await makeProject({ tools: { typescript: '5.0' }, files });
    const strict = ['--strict', '--noEmit', '--target', 'es2022', '--lib', 'es2022,dom'];
    for (const [module, resolution] of [
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
      ['esnext', 'node10'],
    ]) {
      const flags = ['--module', module, '--moduleResolution', resolution];
      await project.node('typescript/bin/tsc', ...strict, ...flags, 'app.ts');
    }
    return project.versions();
  },
};

const eslint = {
  name: 'eslint-import',
  title: 'eslint-plugin-import, which does not read `exports`',
  async run({ makeProject }) {
    const files = {
      'eslint.config.js': `import plugin from 'eslint-plugin-import';
export default [{ plugins: { import: plugin }, rules: { 'import/no-unresolved': 'error' } }];
`,
      'app.js': "import 'stable-audio-client';\nimport 'stable-audio-client/slim';\n",
      'absent.js': "import 'stable-audio-client/absent';\n",
    };
    const project = await makeProject({ tools: { eslint: '^9', 'eslint-plugin-import': 'latest' }, files });
    await project.node('eslint/bin/eslint.js', 'app.js');
    // The rule must be able to fail.
    const absent = await project.node('eslint/bin/eslint.js', 'absent.js').catch(({ message }) => message);
    if (!absent.includes('import/no-unresolved')) throw new Error(`it found nothing: ${absent}`);
    return project.versions();
  },
};

const query = {
  name: 'query',
  title: "a query library's retries submit again, unless they ask `retryable`",
  async run({ makeProject }) {
    const code = `import { MutationObserver, QueryClient } from '@tanstack/query-core';
import { StableAudio } from 'stable-audio-client';

async function submits(retry) {
  let sent = 0;
  const fetch = async () => (sent++, new Response('', { status: 503 }));
  const client = new StableAudio({ baseUrl: 'https://service.test', apiKey: 'key', fetch });
  const mutationFn = (prompt) => client.submit(prompt);
  const mutation = new MutationObserver(new QueryClient(), { mutationFn, retry, retryDelay: 0 });
  const { code } = await mutation.mutate('rain').catch((error) => error);
  return code + ' ' + sent;
}
console.log(await submits(3), await submits((count, error) => count < 3 && error.retryable));
`;
    const project = await makeProject({ tools: { '@tanstack/query-core': 'latest' }, files: { 'run.mjs': code } });
    const output = (await project.script('run.mjs')).trim();
    if (output !== 'submit_unknown 4 submit_unknown 1') throw new Error(`it printed: ${output}`);
    return project.versions();
  },
};

export const libraries = [oldestTypeScript, eslint, query];
