// The results as tables.

import { aligned } from '../../tools/table.mjs';
import { format } from './statistics.mjs';

export const labels = {
  bare: 'a bare loop',
  replicate: 'replicate',
  fal: '@fal-ai/client',
  openai: 'openai, its polling idiom',
  ours: 'stable-audio-client',
};

/** What `npm run bench -- browser` prints. */
export function report(results) {
  return Object.entries(results)
    .map(([engine, result]) => `${engine}\n\n${tables(engine, result).join('\n\n')}`)
    .join('\n\n');
}

function tables(engine, { cpu, allocated, waiting, module, concurrency, download }) {
  return [
    cpuTable(cpu, engine === 'chromium' ? "the main thread's time" : "time by the page's clock"),
    allocated && allocationTable(allocated),
    waiting && memoryTable(waiting),
    module && moduleTable(module),
    concurrencyTable(concurrency.rows),
    concurrency.longest.length > 0 && longestTasksTable(concurrency.longest),
    downloadTable(download),
  ].filter(Boolean);
}

function cpuTable({ poll, generation, pollOverNetwork }, what) {
  const head = [
    'µs, median (least–most)',
    'poll, local server',
    '×',
    'poll, in the page',
    '×',
    'generation of one poll',
  ];
  const rows = Object.keys(poll).map((name) => [
    labels[name],
    format(pollOverNetwork[name]),
    times(pollOverNetwork, name),
    format(poll[name]),
    times(poll, name),
    format(generation[name]),
  ]);
  return `${what}; timers are skipped by a fake clock, and their own time is subtracted:
${aligned([head, ...rows])}`;
}

function times(values, name) {
  return (values[name].median / values.bare.median).toFixed(2);
}

function allocationTable({ poll, generation }) {
  const rows = Object.keys(poll).map((name) => [labels[name], format(poll[name]), format(generation[name])]);
  return `bytes allocated on JavaScript's heap, sampled, replies from the page:
${aligned([['bytes, median (least–most)', 'poll', 'generation of one poll'], ...rows])}`;
}

function memoryTable(waiting) {
  const rows = Object.entries(waiting).flatMap(([name, counts]) =>
    Object.entries(counts).map(([generations, { script, browser, module }]) =>
      [labels[name], Number(generations)].concat([script, browser, module, script + browser + module].map(Math.round)),
    ),
  );
  return `bytes retained by each generation that waits between two polls, after garbage collection:
${aligned([['', 'waiting', "JavaScript's heap", "the browser's", "the module's", 'all'], ...rows])}`;
}

function moduleTable(rows) {
  const cells = rows.map(({ generations, polls, bytes, slots }) => [generations, polls, bytes, slots]);
  return `the module's memory after generations have ended, and after many polls of another one:
${aligned([['generations', 'further polls', 'bytes', "slots of JavaScript's values"], ...cells])}`;
}

function concurrencyTable(rows) {
  const head = [
    '',
    'answered by',
    'at once',
    'all settled, s',
    'failed',
    'calls made, ms',
    'longest gap, ms',
    'most open',
  ];
  const cells = rows.map(({ name, where, generations, took, failed, called, block, most }) => [
    labels[name],
    where,
    generations,
    (took / 1000).toFixed(1),
    failed,
    called.toFixed(0),
    block.toFixed(0),
    most || '',
  ]);
  return `concurrent, all called from one task; generations of 40 s, the clock 20 times as fast; a gap is between messages of the page to itself:
${aligned([head, ...cells])}`;
}

function longestTasksTable(rows) {
  const head = [
    '',
    'answered by',
    'at once',
    'longest task, ms',
    'less garbage collection',
    'longest script less that',
  ];
  const cells = rows.map(({ name, where, generations, task, uncollected, script }) =>
    [labels[name], where, generations].concat([task, uncollected, script].map((ms) => ms.toFixed(1))),
  );
  return `the longest task of the main thread in the browser's own trace, ten calls to a task:
${aligned([head, ...cells])}`;
}

function downloadTable(download) {
  const names = { bare: 'fetch().blob()', ours: 'stable-audio-client' };
  const rows = Object.entries(download).map(([name, speeds]) => [names[name], format(speeds)]);
  return `a file of 50 MB from the local server:
${aligned([['MB/s, median (least–most)', ''], ...rows])}`;
}
