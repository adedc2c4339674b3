// The type declarations in three major versions of TypeScript, with each kind of module resolution.

import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { root } from '../../tools/paths.mjs';
import { capture } from '../../tools/run.mjs';
import { unpackPackage } from '../support/packed-package.mjs';
import { snippets } from '../support/readme.mjs';

const modules = join(root, 'node_modules');
const compilers = { 'TypeScript 7': 'typescript', 'TypeScript 6': 'typescript-6', 'TypeScript 5': 'typescript-5' };
// The declarations themselves are checked once for each compiler and library: it takes long.
const resolutions = {
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
  node16: { module: 'node16', moduleResolution: 'node16', skipLibCheck: true },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext', skipLibCheck: true },
};
// Deprecated, and not in TypeScript 7: it does not read the package's `exports`.
const node10 = { module: 'esnext', moduleResolution: 'node10', skipLibCheck: true };
const strict = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  noEmit: true,
  target: 'es2022',
  types: [],
};
const page = { ...strict, lib: ['es2022', 'dom'] };

describe('the declarations', { timeout: 240_000 }, () => {
  let folder;
  let packed;
  before(async () => {
    packed = await unpackPackage();
    folder = await mkdtemp(join(tmpdir(), 'stable-audio-types-'));
    await mkdir(join(folder, 'node_modules'));
    await rename(packed.folder, join(folder, 'node_modules', 'stable-audio-client'));
    await symlink(join(modules, '@types'), join(folder, 'node_modules', '@types'), 'junction');
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    for (const name of ['redis', 'ioredis']) {
      await symlink(join(modules, name), join(folder, 'node_modules', name), 'junction');
    }
    for (const file of ['uses.ts', 'on-node.ts', 'server.ts', 'jobs.ts']) {
      await copyFile(new URL(file, import.meta.url), join(folder, file));
    }
    for (const [index, code] of snippets('js').entries()) await writeFile(join(folder, `snippet-${index}.js`), code);
    const [background] = snippets('ts background');
    await writeFile(join(folder, 'background.ts'), background);
  });
  after(async () => {
    await packed?.remove();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  for (const [title, compiler] of Object.entries(compilers)) {
    for (const [name, resolution] of Object.entries(resolutions)) {
      it(`the declarations are correct in ${title} with ${name}`, () =>
        compiles(compiler, { ...page, ...resolution }, 'uses.ts'));
    }
    it(`the declarations of jobs are correct in ${title} in an extension`, () =>
      // The declarations of `chrome` are not checked.
      compiles(compiler, { ...page, ...resolutions.bundler, skipLibCheck: true, types: ['chrome'] }, 'jobs.ts'));
    it(`the declarations are correct in ${title} on Node, without a browser's types`, () => {
      const options = { ...strict, ...resolutions.nodenext, skipLibCheck: false, lib: ['es2022'], types: ['node'] };
      return compiles(compiler, options, 'on-node.ts');
    });
    it(`the declarations are correct in ${title} in a server, with the drivers of Redis`, () => {
      // The drivers' own declarations are theirs to check.
      const options = { ...strict, ...resolutions.nodenext, lib: ['es2022', 'esnext.disposable'], types: ['node'] };
      return compiles(compiler, options, 'server.ts');
    });
  }

  it('the declarations are found by compilers that do not read `exports`', async () => {
    const options = { ...page, ...node10, types: ['chrome'] };
    await compiles('typescript-5', options, 'uses.ts', 'jobs.ts');
    await compiles('typescript-6', { ...options, ignoreDeprecations: '6.0' }, 'uses.ts', 'jobs.ts');
  });

  it("the README's snippets compile", async () => {
    const options = { ...page, ...resolutions.bundler, skipLibCheck: true, allowJs: true, checkJs: true };
    const scripts = snippets('js').map((_, index) => `snippet-${index}.js`);
    await compiles('typescript', options, ...scripts);
    await compiles('typescript', { ...options, types: ['chrome'] }, 'background.ts');
  });

  async function compiles(compiler, compilerOptions, ...files) {
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const program = join(modules, compiler, 'bin', 'tsc');
    const { code, output } = await capture(process.execPath, [program, '--project', folder]);
    assert.equal(code, 0, output);
  }
});
