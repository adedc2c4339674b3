// Reads what test runners print, and prints what it came to.

import { seconds } from '../run.mjs';
import { aligned } from '../table.mjs';

// Cargo's and wasm-bindgen's closing line, then those of Node's runner.
const closing = /^(test result: .*|(?:#|ℹ) (?:tests|pass|fail|skipped) \d+|seed \d+|\d+ runs, .* a second)$/;

/** The lines with which runners close, and what the simulation ran. */
export function closingLines(output) {
  return output
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => closing.test(line));
}

/** How many tests passed, failed and were skipped, over all the runners of an output. */
export function counts(output) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const line of closingLines(output)) {
    const cargo = /(\d+) passed; (\d+) failed; (\d+) ignored/.exec(line);
    const node = /(pass|fail|skipped) (\d+)$/.exec(line);
    if (cargo) {
      sum.passed += Number(cargo[1]);
      sum.failed += Number(cargo[2]);
      sum.skipped += Number(cargo[3]);
    } else if (node) {
      const name = { pass: 'passed', fail: 'failed', skipped: 'skipped' }[node[1]];
      sum[name] += Number(node[2]);
    }
  }
  return sum;
}

/** `12 passed, 1 failed`; skipped tests are named only if there are any. */
export function sayCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** The names of the tests that failed, as Node's runner lists them in the end. */
export function failedTests(output) {
  const [, list] = output.split(/^✖ failing tests:$/m);
  return (list?.match(/^✖ .+$/gm) ?? []).map((line) => `  ${line}`);
}

/** The table of everything that ran: one row a step. */
export function table(results) {
  const rows = [['what', 'where', 'result', 'time', 'CPU']];
  for (const { step, result, ms, cpuMs } of results)
    rows.push([step.title, step.where, result, timeOf(ms), timeOf(cpuMs)]);
  return aligned(rows);
}

function timeOf(ms) {
  return Number.isFinite(ms) ? seconds(ms) : '–';
}
