// Which functions can panic: those that may call one that never comes back, or trap themselves.

import { isName } from './module.mjs';

/** JavaScript's side of a panic. */
const throws = /^"?__wbg___wbindgen_(?:re)?throw/;

/** Crates whose functions do as they are told: what panics in them is laid to their callers. */
const standard = new Set(['core', 'alloc', 'std']);

/**
 * The panic paths of a module: `{ crate, from, to }`, the function that may panic and what it calls
 * to do so (`trap` for an `unreachable` of its own). What runs only once a panic is under way is
 * left out.
 */
export function panicPaths(module) {
  const { never, flows } = diverging(module);
  const seen = reached(module, never, flows);
  const callers = callersOf(seen, flows);
  const paths = new Map();
  for (const name of seen) {
    const { calls, traps } = flows.get(name);
    const ends = [...calls].filter((target) => never.has(target)).map(readable);
    if (traps) ends.push('trap');
    for (const culprit of ends.length > 0 ? culprits(name, callers) : []) {
      const from = readable(culprit);
      for (const to of ends) paths.set(`${from} → ${to}`, { crate: crateOf(from), from, to });
    }
  }
  return [...paths.values()].toSorted((a, b) => (a.to + a.from < b.to + b.from ? -1 : 1));
}

/** The crate that a function belongs to; glue and generics to the one that they are made for. */
export function crateOf(name) {
  const crates = [...name.matchAll(/(?<![\w:])([a-z_][a-z0-9_]*)::/g)].map(([, crate]) => crate);
  return crates.find((crate) => !standard.has(crate)) ?? crates[0] ?? 'glue of wasm-bindgen';
}

/** A name without the hashes that change from build to build. */
export function readable(name) {
  return name
    .replace(/^\$/, '')
    .replaceAll(/\[[0-9a-f]{16}\]/g, '')
    .replace(/::h[0-9a-f]{16}/, '')
    .replace(/[._]\d+$/, '')
    .replace(/^\d+$/, '(no name)');
}

// The functions outside the standard library that lead to this one; itself, if it is such a one.
function culprits(name, callers, seen = new Set()) {
  if (seen.has(name)) return [];
  seen.add(name);
  const above = callers.get(name);
  if (!standard.has(crateOf(readable(name))) || !above) return [name];
  return [...above].flatMap((caller) => culprits(caller, callers, seen));
}

function callersOf(seen, flows) {
  const callers = new Map();
  for (const name of seen) {
    for (const target of flows.get(name).calls) {
      callers.set(target, [...(callers.get(target) ?? []), name]);
    }
  }
  return callers;
}

/**
 * `never`: the functions that never come back, since all ways through them end in one that never
 * does, or in a trap; `flows`: what each function does.
 */
export function diverging({ functions, imports }) {
  const never = new Set([...imports].filter(([, name]) => throws.test(name)).map(([name]) => name));
  const flows = new Map();
  for (let before = -1; before < never.size;) {
    before = never.size;
    for (const { name, body } of functions.values()) {
      const flow = {
        calls: new Set(),
        types: new Set(),
        refs: new Set(),
        broken: new Set(),
        traps: false,
        returns: false,
      };
      const falls = sequence(body, flow, never);
      flows.set(name, flow);
      if (!falls && !flow.returns) never.add(name);
    }
  }
  return { never, flows };
}

// Whether control comes out at the end of all of the nodes, one after the other.
function sequence(nodes, flow, never) {
  return nodes.every((node) => !Array.isArray(node) || falls(node, flow, never));
}

function falls(node, flow, never) {
  const [head, first] = node;
  const rest = node.slice(1);
  const label = isName(first) ? first : undefined;
  switch (head) {
    case 'block': {
      const through = sequence(rest, flow, never);
      return through || flow.broken.has(label);
    }
    case 'if':
      return branches(rest, flow, never);
    case 'br':
      if (sequence(rest, flow, never)) flow.broken.add(label);
      return false;
    case 'br_if':
      if (!sequence(rest, flow, never)) return false;
      flow.broken.add(label);
      return true;
    case 'br_table':
      if (sequence(rest, flow, never)) rest.filter(isName).forEach((name) => flow.broken.add(name));
      return false;
    case 'return':
    case 'return_call':
    case 'return_call_indirect':
      if (sequence(rest, flow, never)) flow.returns = true;
      return false;
    case 'unreachable':
      flow.traps = true;
      return false;
    case 'call':
      if (!sequence(rest, flow, never)) return false;
      flow.calls.add(label);
      return !never.has(label);
    case 'call_indirect':
      if (!sequence(rest, flow, never)) return false;
      flow.types.add(node.find(([head]) => head === 'type')[1]);
      return true;
    case 'ref.func':
      flow.refs.add(label);
      return true;
    default:
      return sequence(rest, flow, never);
  }
}

function branches(nodes, flow, never) {
  const arms = nodes.filter(([head]) => head === 'then' || head === 'else');
  const condition = nodes.filter((node) => Array.isArray(node) && !arms.includes(node));
  if (!sequence(condition, flow, never)) return false;
  const through = arms.map((arm) => sequence(arm.slice(1), flow, never));
  return arms.length < 2 || through.some(Boolean);
}

// From the exports, through calls, and through the table by type; not into what never comes back.
function reached({ functions, entries, types: signatures, table }, never, flows) {
  const seen = new Set();
  const waiting = [...entries];
  const types = new Set();
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name) || never.has(name) || !functions.has(name)) continue;
    seen.add(name);
    const flow = flows.get(name);
    waiting.push(...flow.calls, ...flow.refs);
    for (const type of [...flow.types].map((given) => signatures.get(given))) {
      if (types.has(type)) continue;
      types.add(type);
      waiting.push(...table.filter((entry) => functions.get(entry).type === type));
    }
  }
  return seen;
}
