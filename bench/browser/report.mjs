// The measures as tables.

import { aligned } from '../../tools/table.mjs';
import { say } from './statistics.mjs';

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

function tables(engine, { cpu, allocated, waiting, module, flight, download }) {
  return [
    time(cpu, engine === 'chromium' ? "the main thread's time" : "time by the page's clock"),
    allocated && allocation(allocated),
    waiting && keeping(waiting),
    module && moduleTable(module),
    flying(flight.rows),
    flight.blocks.length > 0 && blocking(flight.blocks),
    downloading(download),
  ].filter(Boolean);
}

function time({ poll, generation, pollOverNetwork }, what) {
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
    say(pollOverNetwork[name]),
    times(pollOverNetwork, name),
    say(poll[name]),
    times(poll, name),
    say(generation[name]),
  ]);
  return `${what}; sleeps are jumped over by a faked clock, and their own time is taken off:
${aligned([head, ...rows])}`;
}

function times(values, name) {
  return (values[name].median / values.bare.median).toFixed(2);
}

function allocation({ poll, generation }) {
  const rows = Object.keys(poll).map((name) => [labels[name], say(poll[name]), say(generation[name])]);
  return `bytes allocated on JavaScript's heap, sampled, replies from the page:
${aligned([['bytes, median (least–most)', 'poll', 'generation of one poll'], ...rows])}`;
}

function keeping(waiting) {
  const rows = Object.entries(waiting).flatMap(([name, counts]) =>
    Object.entries(counts).map(([jobs, { script, browser, module }]) =>
      [labels[name], Number(jobs)].concat([script, browser, module, script + browser + module].map(Math.round)),
    ),
  );
  return `bytes kept by each generation that sleeps between two polls, after garbage collection:
${aligned([['', 'asleep', "JavaScript's heap", "the browser's", "the module's", 'all'], ...rows])}`;
}

function moduleTable(rows) {
  const cells = rows.map(({ generations, polls, bytes, slots }) => [generations, polls, bytes, slots]);
  return `the module's memory as generations end, and after a soak of polls of one more:
${aligned([['generations', 'polls of the soak', 'bytes', "slots of JavaScript's values"], ...cells])}`;
}

function flying(rows) {
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
  const cells = rows.map(({ name, where, jobs, took, failed, called, block, most }) => [
    labels[name],
    where,
    jobs,
    (took / 1000).toFixed(1),
    failed,
    called.toFixed(0),
    block.toFixed(0),
    most || '',
  ]);
  return `at once, all called from one task; jobs of 40 s, the clock 20 times as fast, a gap between messages to itself:
${aligned([head, ...cells])}`;
}

function blocking(rows) {
  const head = [
    '',
    'answered by',
    'at once',
    'longest task, ms',
    'less garbage collection',
    'longest script less that',
  ];
  const cells = rows.map(({ name, where, jobs, task, uncollected, script }) =>
    [labels[name], where, jobs].concat([task, uncollected, script].map((ms) => ms.toFixed(1))),
  );
  return `the longest task of the main thread in the browser's own trace, ten calls to a task:
${aligned([head, ...cells])}`;
}

function downloading(download) {
  const names = { bare: 'fetch().blob()', ours: 'stable-audio-client' };
  const rows = Object.entries(download).map(([name, speeds]) => [names[name], say(speeds)]);
  return `a file of 50 MB from the local server:
${aligned([['MB/s, median (least–most)', ''], ...rows])}`;
}
