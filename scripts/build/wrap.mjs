// Lines of bounded length: for an uncaught error, engines print the whole line that it comes from.

import { tokTypes, tokenizer } from 'acorn';

/** The tokens that may end a line: behind them a line's end is never taken for a semicolon. */
const enders = new Set([tokTypes.semi, tokTypes.comma, tokTypes.braceL, tokTypes.parenL]);
const literals = new Set([tokTypes.string, tokTypes.template]);
const longestEscape = '\\u{10ffff}'.length;

/** The same program in lines of at most `limit` characters, as far as its tokens allow it. */
export function wrap(code, limit) {
  const lines = [];
  let start = 0;
  let last;
  // After a statement, wherever there is one: the same way each time compresses best.
  let statement;
  for (const next of breaks(code, limit)) {
    // With the mark of its end, without the end itself.
    while (next.at - start + next.end.length - 1 > limit && last) {
      const { at, end } = statement ?? last;
      lines.push(code.slice(start, at) + end);
      start = at;
      statement = undefined;
      if (last.at === at) last = undefined;
    }
    last = next;
    if (code[next.at - 1] === ';' && next.end === '\n') statement = next;
    if (next.end) continue;
    lines.push(code.slice(start, next.at));
    start = next.at;
    last = statement = undefined;
  }
  return lines.join('');
}

/** Where a line can end, in order, and what ends it there: nothing more where one ends already. */
function breaks(code, limit) {
  const found = [...code.matchAll(/\n|$/g)].map(({ index, 0: { length } }) => ({ at: index + length, end: '' }));
  for (const { type, start, end } of tokenizer(code, { ecmaVersion: 'latest', sourceType: 'module' })) {
    if (enders.has(type)) found.push({ at: end, end: '\n' });
    if (!literals.has(type) || end - start <= limit) continue;
    for (let at = start + 1; at < end; at++) {
      const escaped = code.slice(Math.max(start, at - longestEscape), at).includes('\\');
      if (!escaped) found.push({ at, end: '\\\n' });
    }
  }
  return found.toSorted((a, b) => a.at - b.at);
}
