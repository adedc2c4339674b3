// What the workflows may do: a step that runs the code of many people may publish nothing.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { parse } from 'yaml';

import { root } from '../../tools/paths.mjs';

const folder = join(root, '.github', 'workflows');
const version = /^\d+\.\d+\.\d+$/;
const installers =
  /\b(?:cargo install|npm (?:install|i|exec)|npx|pip install|rustup (?:toolchain install|default)) ([^\s#]\S*)/g;

const commands = (job) => job.steps.map(({ run }) => run).filter(Boolean);
const rights = ({ permissions }) => Object.entries(permissions).filter(([, right]) => right === 'write');

it('the compiler of the project has an exact version', async () => {
  const [, channel] = /^channel = "(.+)"$/m.exec(await readFile(join(root, 'rust-toolchain.toml'), 'utf8'));
  assert.match(channel, version);
});

it('the oldest compiler that the project promises is the one that is tested', async () => {
  const [, oldest] = /^rust-version = "(.+)"$/m.exec(await readFile(join(root, 'Cargo.toml'), 'utf8'));
  const { jobs } = parse(await readFile(join(folder, 'ci.yml'), 'utf8'));
  assert.ok(commands(jobs.oldest).some((run) => run.startsWith(`cargo +${oldest}.0 check `)));
});

for (const name of await readdir(folder)) {
  const text = await readFile(join(folder, name), 'utf8');
  const workflow = parse(text);
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps);

  describe(`the workflow ${name}`, () => {
    it('takes every action at one commit, and says which version that is', () => {
      const lines = text.split('\n').filter((line) => /\buses:/.test(line));
      assert.equal(lines.length, steps.filter(({ uses }) => uses).length);
      for (const line of lines) assert.match(line, /uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
      const commits = new Map();
      for (const [, action, commit] of text.matchAll(/uses: (\S+)@(\S+)/g)) {
        assert.equal(commits.get(action) ?? commit, commit, `two commits of ${action}`);
        commits.set(action, commit);
      }
    });

    it('gives no right to all jobs, and has each name its own', () => {
      assert.deepEqual(workflow.permissions, {});
      for (const [job, { permissions }] of jobs) assert.equal(typeof permissions, 'object', job);
    });

    it('lets no job write that checks the project out or runs more than one known program', () => {
      for (const [job, definition] of jobs.filter(([, each]) => rights(each).length > 0)) {
        assert.equal(rights(definition).length, 1, `${job} has one right to write`);
        assert.ok(!definition.steps.some(({ uses }) => uses?.startsWith('actions/checkout@')), job);
        assert.equal(commands(definition).length, 1, job);
        assert.match(commands(definition)[0], /^(?:npm publish|gh release create) /, job);
      }
    });

    it('publishes in one job alone, with provenance, and runs no script of the package there', () => {
      const able = jobs.filter(([, { permissions }]) => permissions['id-token'] === 'write');
      const publishing = jobs.filter(([, job]) => commands(job).some((run) => run.includes('npm publish')));
      assert.deepEqual(publishing, able);
      for (const [, job] of publishing) {
        assert.match(commands(job)[0], /^npm publish (?=.*--provenance)(?=.*--ignore-scripts)/);
        assert.equal(job.environment, 'npm');
      }
    });

    it('keeps no credential where the code of the project runs', () => {
      assert.ok(!/\bsecrets\b/.test(text));
      for (const { uses, with: options } of steps) {
        if (uses?.startsWith('actions/checkout@')) assert.equal(options['persist-credentials'], false);
      }
    });

    it('installs tools by their exact version', () => {
      for (const { uses, with: options, run } of steps) {
        if (uses?.startsWith('actions/setup-node@')) assert.match(options['node-version'], version);
        for (const [command, tool] of run?.matchAll(installers) ?? []) {
          assert.match(tool.split('@').at(-1), version, command);
        }
      }
      for (const [job, { 'runs-on': machine }] of jobs) assert.doesNotMatch(machine, /latest/, job);
    });

    it('puts no text of an event into a command', () => {
      for (const { run } of steps) assert.ok(!run?.includes('${{'), run);
    });
  });
}
