// Lines of bounded length: for an uncaught error, engines print the whole line that it comes from.

import { parse, tokTypes } from 'acorn';

/** The tokens that may end a line: behind them a line's end is never taken for a semicolon. */
const enders = new Set([tokTypes.semi, tokTypes.comma, tokTypes.braceL, tokTypes.parenL]);
const literals = new Set([tokTypes.string, tokTypes.template]);
const longestEscape = '\\u{10ffff}'.length;
/** What may end in a semicolon that a line's end can stand for. */
const statements = /^(Expression|Return|Throw|Break|Continue|Debugger)Statement$|^VariableDeclaration$/;

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
      const { at, end, instead = 0 } = statement ?? last;
      lines.push(code.slice(start, at - instead) + end);
      start = at;
      statement = undefined;
      if (last.at === at) last = undefined;
    }
    last = next;
    if (next.ends) statement = next;
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
  const tokens = [];
  const ends = semicolons(parse(code, { ecmaVersion: 'latest', sourceType: 'module', onToken: tokens }));
  for (const { type, start, end } of tokens) {
    if (enders.has(type)) found.push({ at: end, end: '\n', ...(type === tokTypes.semi && ending(code, end, ends)) });
    if (!literals.has(type) || end - start <= limit) continue;
    for (let at = start + 1; at < end; at++) {
      const escaped = code.slice(Math.max(start, at - longestEscape), at).includes('\\');
      if (!escaped) found.push({ at, end: '\\\n' });
    }
  }
  return found.toSorted((a, b) => a.at - b.at);
}

/** A line's end stands for the semicolon, where a word follows: no statement goes on with one. */
function ending(code, at, semicolons) {
  const ends = semicolons.has(at) && /^[\w$]/.test(code[at] ?? '');
  return { ends, instead: Number(ends) };
}

/** Where statements end that may do so without a semicolon at a line's end. */
function semicolons(node, found = new Set()) {
  if (typeof node?.type === 'string' && statements.test(node.type)) found.add(node.end);
  for (const part of Object.values(Object(node))) if (typeof part === 'object') semicolons(part, found);
  return found;
}
