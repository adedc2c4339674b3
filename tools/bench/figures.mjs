// The README's figures: between two marks, written by a full run of the bench alone.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { root } from '../paths.mjs';

/** The competitors that the README names. */
export const shownCompetitors = ['replicate', '@fal-ai/client', 'openai'];

const file = join(root, 'README.md');
const marked = /(<!-- figures -->\n)[^]*?(<!-- \/figures -->)/;

/** Writes what was measured, and nothing else. */
export async function writeFigures(rows, about) {
  await writeFile(file, withFigures(await readFile(file, 'utf8'), rows, about));
}

/** The text with these figures between its marks, as Prettier would have them. */
export function withFigures(text, rows, { date, machine }) {
  if (!marked.test(text)) throw new Error('the README has no marks for its figures');
  const all = [['measured', 'median'], ...rows];
  const widths = [0, 1].map((column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const table = [line(all[0]), rule, ...rows.map(line)].join('\n');
  return text.replace(marked, (_, open, close) => `${open}\n${table}\n\nOn ${date}, on ${machine}.\n\n${close}`);
}
