// The recipes of `www/examples/jobs/` as texts: short, typed, and those of the README.

import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { root } from '../../tools/paths.mjs';
import { capture } from '../../tools/run.mjs';
import { unpackPackage } from '../support/packed-package.mjs';
import { snippets } from '../support/readme.mjs';
import { addPackages, recipes, textOf } from './apps/build.mjs';

const files = [...Object.values(recipes).map(({ file }) => file), 'page.html', 'background.ts', 'jobs.ts'];

describe('the recipes', { timeout: 120_000 }, () => {
  let packed;
  let project;
  before(async () => {
    packed = await unpackPackage();
    project = await mkdtemp(join(tmpdir(), 'stable-audio-recipes-'));
    await addPackages(project, packed.folder);
    const types = join('node_modules', '@types', 'chrome');
    await symlink(join(root, types), join(project, types), 'junction');
    for (const file of files) await writeFile(join(project, file), await textOf(file));
  });
  after(async () => {
    await packed?.remove();
    if (project) await rm(project, { recursive: true, force: true });
  });

  for (const file of files) {
    it(`${file} has ten lines or fewer beside its imports and its markup`, async () => {
      const lines = own(await textOf(file));
      assert.ok(lines.length <= 10, `${lines.length}:\n${lines.join('\n')}`);
    });
  }

  it('has the background that the README shows, without its comment', async () => {
    const shown = snippets('ts background');
    assert.equal(shown.length, 1);
    assert.equal((await textOf('background.ts')).replace(/^\/\/.*\n\n/, ''), shown[0]);
  });

  it('compiles for TypeScript with React', () =>
    compiles({ jsx: 'react-jsx' }, 'react.tsx', 'tanstack-ai.tsx', 'tanstack-query.tsx'));

  it('compiles for TypeScript with Solid', () =>
    compiles({ jsx: 'preserve', jsxImportSource: 'solid-js' }, 'solid.tsx'));

  it('compiles for TypeScript in an extension', () => compiles({ types: ['chrome'] }, 'background.ts'));

  async function compiles(options, ...named) {
    const compilerOptions = { ...strict, ...options };
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: named }));
    const program = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const { code, output } = await capture(process.execPath, [program, '--project', project]);
    assert.equal(code, 0, output);
  }
});

const strict = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
  noEmit: true,
  target: 'es2022',
  lib: ['es2022', 'dom'],
  module: 'esnext',
  moduleResolution: 'bundler',
  types: [],
};

/** The lines that a reader writes to use the package: neither imports nor markup, nor a component's frame. */
function own(text) {
  const [, script] = /<script[^>]*>(.*?)<\/script>/s.exec(text) ?? [undefined, text];
  const code = script
    .replaceAll(/^ *import [^;]*;$/gm, '')
    .replace(/^ {2}return \($.*?^ {2}\);$/ms, '')
    .replace(/^export function \w+\(\) \{$(.*?)^\}$/ms, '$1');
  return code.split('\n').filter((line) => line.trim() && !line.trim().startsWith('//'));
}
