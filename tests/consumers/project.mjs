// A new project with the packed package and a tool, as a user would create it.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { capture, npmCommand } from '../../tools/run.mjs';
import { startServerProgram } from '../support/children.mjs';

// Without telemetry and update checks.
const env = {
  ...process.env,
  CI: '1',
  DO_NOT_TRACK: '1',
  NEXT_TELEMETRY_DISABLED: '1',
  WRANGLER_SEND_METRICS: 'false',
  NO_COLOR: '1',
  NODE_ENV: undefined,
  npm_config_update_notifier: 'false',
};

const system = process.platform === 'win32' ? 'win' : process.platform;
/** Node as a package; a project that has it among its tools runs with it. */
export const nodePackage = `node-${system}-${process.arch}`;
export const nodeProgram = `${nodePackage}/bin/node`;

/**
 * Makes a project in a folder of its own: its files, the package, and `tools`, npm packages with
 * their wanted versions. `template` is a manifest to start from.
 */
export async function makeProject({ folder, tarball, tools = {}, files = {}, manifest = {} }) {
  const dependencies = { ...manifest.dependencies, ...tools, 'stable-audio-client': `file:${tarball}` };
  const own = { private: true, type: 'module', name: 'consumer', ...manifest, dependencies };
  await addFiles(folder, { ...files, 'package.json': JSON.stringify(own, undefined, 2) });
  const [npm, ...flags] = npmCommand(['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']);
  await runIn(folder, npm, flags);
  const bin = (name) => join(folder, 'node_modules', name);
  const node = nodePackage in tools ? bin(nodeProgram) : process.execPath;
  return {
    folder,
    bin,
    add: (more) => addFiles(folder, more),
    /** Runs a program to its end; resolves to what it printed. */
    run: (command, ...args) => runIn(folder, command, args),
    /** Runs a script of the project with Node. */
    script: (name, ...args) => runIn(folder, node, [name, ...args]),
    /** Runs one of the installed packages' own scripts with Node. */
    node: (script, ...args) => runIn(folder, node, [bin(script), ...args]),
    /** Starts a server of the project; resolves once it answers. */
    serve: (script, ...args) => serve(folder, node, [bin(script), ...args]),
    /** The same of a server that another program runs. */
    serveBy: (command, ...args) => serve(folder, command, args),
    /** The versions that were installed. */
    versions: (...names) => versions(folder, names.length > 0 ? names : Object.keys(tools)),
  };
}

async function addFiles(folder, files) {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

async function runIn(cwd, command, args) {
  const { code, output } = await capture(command, args, { cwd, env });
  if (code !== 0) throw new Error(`${args.slice(0, 3).join(' ')} failed (${code})\n${output.slice(-3000)}`);
  return output;
}

// The port is the last argument.
function serve(cwd, command, args) {
  return startServerProgram(command, (port) => [...args, String(port)], { cwd, env, timeoutMs: 90_000 });
}

async function versions(folder, names) {
  const found = [];
  for (const name of names) {
    const { version } = JSON.parse(await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8'));
    found.push(`${name} ${version}`);
  }
  return found.join(', ');
}
