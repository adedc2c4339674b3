// The table: a row for each question, answered once, whatever becomes of the others.

import { aligned } from '../table.mjs';

const widths = [38, 38, 64];

/** Collects the answers to `questions`; `redact` makes each fit to print. */
export function openRows(questions, redact) {
  const answers = {};
  return {
    /** Answers a question by what `look` gives, or by what it throws. */
    async answer(name, look) {
      try {
        answers[name] = { seen: redact(await look()) };
      } catch (error) {
        answers[name] = { seen: redact(`failed: ${error.message}`), failed: true };
      }
    },

    /** All rows, in the order of the questions; `reason` is why some were not asked. */
    all(reason) {
      const unanswered = { seen: redact(`not asked: ${reason}`), failed: true };
      return Object.entries(questions).map(([name, [question, assumed]]) => {
        const { seen, failed } = answers[name] ?? unanswered;
        return { name, question, assumed, seen, failed };
      });
    },
  };
}

/** The rows as lines of text. */
export function tableOf(rows) {
  const all = [
    ['question', 'assumed', 'seen'],
    widths.map((width) => '-'.repeat(width)),
    ...rows.flatMap(({ question, assumed, seen }) => linesOf([question, assumed, seen])),
  ];
  return aligned(all);
}

function linesOf(cells) {
  const wrapped = cells.map((cell, column) => wrap(cell, widths[column]));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, at) => wrapped.map((lines) => lines[at] ?? ''));
}

function wrap(text, width) {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines;
}
