// The weights as a table: bytes first, since names may be of any length.

import { aligned } from '../table.mjs';
import { cells, columns } from './weigh.mjs';

const shownFunctions = 20;
const longestName = 100;

/** What `npm run size` prints. */
export function report({ entries, module, glue, api, inlining, functions, crates, competitors }) {
  const code = module.sections.code;
  const share = (bytes) => `${((bytes / code) * 100).toFixed(1)} %`;
  return aligned([
    [...columns, 'one job, bundled and minified'],
    ...Object.entries(entries).map(([name, weight]) => row(`stable-audio-client: ${name}`, weight)),
    ...Object.entries(competitors).map(([name, weight]) => row(competitor(name, weight), weight)),
    [],
    [...columns, 'what the first of these is made of'],
    row('module', module),
    ...Object.entries(module.sections).map(([name, bytes]) => [bytes, '', '', `  ${name}`]),
    row('glue', glue),
    row('JavaScript API', api),
    row('inlining and the job itself: the rest', inlining),
    [],
    ['raw', 'of code', '', "the module's code, by the crate in a function's name"],
    ...Object.entries(crates).map(([name, bytes]) => [bytes, share(bytes), '', name]),
    [],
    ['raw', 'of code', '', `its ${shownFunctions} largest functions of ${functions.length}`],
    ...functions.slice(0, shownFunctions).map(({ name, bytes }) => [bytes, share(bytes), '', short(name)]),
  ]);
}

function row(name, weight) {
  return [...cells(weight), name];
}

function competitor(name, { versions, note }) {
  const parts = Object.entries(versions).map((part) => part.join(' '));
  return [parts.join(' + ') || name, note && `(${note})`].filter(Boolean).join(' ');
}

function short(name) {
  return name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;
}
