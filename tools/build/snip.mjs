// Ends panics where they begin. A panic of this module ends in a trap whose message nobody sees:
// what would write it is cut off here, and falls away when the module is optimised, 1 % of it. It may go
// when stable Rust can build its library with `panic=immediate-abort`.

import { readModule } from '../panics/module.mjs';
import { crateOf, diverging, readable } from '../panics/paths.mjs';

const standard = new Set(['core', 'alloc', 'std', '__rustc']);
const writing = /(^<?|<| as )core::(fmt::|panic::PanicPayload)/;

/** The module's bytes, with a trap in every function that only panics or only formats. */
export async function snip(bytes) {
  const dead = deadEnds(await readModule(bytes));
  const { default: binaryen } = await import('binaryen');
  const module = binaryen.readBinary(bytes);
  for (const name of dead) binaryen.Function(module.getFunction(name.slice(1))).setBody(module.unreachable());
  binaryen.setDebugInfo(true);
  const result = module.emitBinary();
  module.dispose();
  return result;
}

function deadEnds({ functions, imports }) {
  const { never, flows } = diverging({ functions, imports });
  const throwing = callersOf(imports.keys(), flows);
  const panics = [...never].filter((name) => standard.has(crateOf(readable(name))) && !throwing.has(name));
  const formats = [...functions.keys()].filter((name) => writing.test(readable(name)));
  const dead = new Set([...panics, ...formats]);
  for (const [name, { calls }] of flows) {
    const format = dead.has(name) ? undefined : formats.find((target) => calls.has(target));
    // It would trap where it is now meant to go on.
    if (format) throw new Error(`${readable(name)} formats text outside a panic, with ${readable(format)}`);
  }
  return dead;
}

// The functions that lead to these. One that throws into JavaScript never comes back either, but
// JavaScript sees its message.
function callersOf(names, flows) {
  const found = new Set(names);
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const [name, { calls }] of flows) if ([...calls].some((target) => found.has(target))) found.add(name);
  }
  return found;
}
