// The figures of the browser benchmark for the README.

import { labels } from './report.mjs';

/** Rows of a figure and its value. */
export function figures({ chromium }) {
  if (!chromium) return [];
  const { cpu, waiting, concurrency, download } = chromium;
  const poll = (name) => Math.round(cpu.pollOverNetwork[name].median);
  const kept = (name) => {
    const { script, browser, module } = waiting[name][1000];
    return (Math.round(script + browser + module) / 1000).toFixed(1);
  };
  const { took, failed } = concurrency.rows.find(
    ({ name, where, generations }) => name === 'ours' && generations === 1000 && where === 'the emulator',
  );
  const { script } = concurrency.longest.find(({ name, where }) => name === 'ours' && where === 'the emulator');
  return [
    [
      "the main thread's time for a poll of a local server",
      `${poll('ours')} µs; ${labels.bare} ${poll('bare')} µs, ${labels.fal} ${poll('fal')} µs`,
    ],
    [
      'memory of a generation that waits',
      `${kept('ours')} kB; ${labels.bare} ${kept('bare')} kB, ${labels.fal} ${kept('fal')} kB`,
    ],
    [
      '1,000 generations at once',
      `${failed > 0 ? `all but ${failed}` : 'all'} done in ${(took / 1000).toFixed(1)} s at 20 times the service's speed; longest script ${script.toFixed(1)} ms`,
    ],
    [
      'download of 50 MB',
      `${Math.round(download.ours.median)} MB/s; fetch().blob() ${Math.round(download.bare.median)} MB/s`,
    ],
  ];
}
