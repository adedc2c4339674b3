// A linked module as functions and calls, read from its text form.

/** Reads the module's bytes: its functions by name, and those that are entered from outside. */
export async function readModule(bytes) {
  const { default: binaryen } = await import('binaryen');
  const parsed = binaryen.readBinary(bytes);
  const [module] = parse(parsed.emitText());
  parsed.dispose();
  const functions = new Map();
  const imports = new Map();
  const entries = [];
  const table = [];
  const types = new Map();
  for (const field of module.slice(1)) {
    const [kind, name] = field;
    if (kind === 'type') types.set(name, signature(field[2]));
    else if (kind === 'func') functions.set(name, { name, type: signature(field), body: field.slice(2) });
    else if (kind === 'import' && field[3][0] === 'func') imports.set(field[3][1], field[2]);
    else if (kind === 'export' && field[2][0] === 'func') entries.push(field[2][1]);
    else if (kind === 'start') entries.push(name);
    else if (kind === 'elem')
      table.push(
        ...field
          .slice(1)
          .flat(Infinity)
          .filter((item) => isName(item)),
      );
  }
  return { functions, imports, entries, types, table: table.filter((item) => functions.has(item)) };
}

// What a function takes and gives, in words: types of the same shape are the same.
function signature(node) {
  const list = (kind) =>
    node.filter(([head]) => head === kind).flatMap((part) => part.slice(1).filter((item) => !isName(item)));
  return `${list('param').join(' ')} → ${list('result').join(' ')}`;
}

export function isName(item) {
  return typeof item === 'string' && item.startsWith('$');
}

// S-expressions: lists are arrays; names and words are strings; comments are left out.
function parse(text) {
  const token = /\(;[^]*?;\)|;;[^\n]*|[()]|\$?"(?:[^"\\]|\\.)*"|[^\s()";]+/g;
  const outermost = [];
  const open = [outermost];
  for (const [word] of text.matchAll(token)) {
    if (word.startsWith('(;') || word.startsWith(';;')) continue;
    if (word === '(') {
      const list = [];
      open.at(-1).push(list);
      open.push(list);
    } else if (word === ')') open.pop();
    else open.at(-1).push(unquoted(word));
  }
  return outermost;
}

function unquoted(word) {
  const [, sigil, quoted] = /^(\$?)"(.*)"$/s.exec(word) ?? [];
  if (quoted === undefined) return word;
  const plain = quoted.replaceAll(/\\([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return sigil + plain.replaceAll(/\\(.)/g, '$1');
}
