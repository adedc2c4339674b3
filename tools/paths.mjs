// Where things are: the repository, and the per-user folder of built tools that all clones share.

import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The folder that built tools are kept in: `$STABLE_AUDIO_TOOLS`, or one in the user's cache. */
export const tools = process.env.STABLE_AUDIO_TOOLS || join(cache(), 'stable-audio-client');

/** Where `cargo install --root` puts programs. */
export const toolPrograms = join(tools, 'cargo', 'bin');

/** The PATH with the built tools and the npm packages' programs before what is there already. */
export const searchPath = [toolPrograms, join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter);

function cache() {
  if (process.platform === 'win32') {
    return process.env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local');
  }
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  return process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
}
