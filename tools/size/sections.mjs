// A wasm module's sections, each with all its bytes: a header, and what is in it.

const kinds = [
  'custom',
  'types',
  'imports',
  'functions',
  'tables',
  'memories',
  'globals',
  'exports',
  'start',
  'elements',
  'code',
  'data',
  'data count',
  'tags',
];
const preamble = 8;

/**
 * In the order of the file: `{ name, bytes, content }`; a custom section has a name of its own. The
 * magic number and the version come first, so that nothing is left out.
 */
export function sections(module) {
  const found = [{ name: 'preamble', bytes: preamble, content: module.subarray(0, preamble) }];
  for (const reader = new Reader(module, preamble); !reader.ended();) {
    const start = reader.at;
    const kind = reader.byte();
    const content = reader.bytes(reader.number());
    const name = kind === 0 ? new Reader(content).text() : (kinds[kind] ?? `section ${kind}`);
    found.push({ name, bytes: reader.at - start, content });
  }
  return found;
}

/** The content of the section of this name; none is as good as an empty one. */
export function section(module, name) {
  return sections(module).find((one) => one.name === name)?.content ?? new Uint8Array([0]);
}

/** Reads the format's numbers (LEB128) and texts, one after the other. */
export class Reader {
  constructor(content, at = 0) {
    this.content = content;
    this.at = at;
  }

  ended() {
    return this.at >= this.content.length;
  }

  byte() {
    if (this.ended()) throw new Error('the module ends too soon');
    const value = this.content[this.at];
    this.at += 1;
    return value;
  }

  bytes(count) {
    if (this.at + count > this.content.length) throw new Error('the module ends too soon');
    this.at += count;
    return this.content.subarray(this.at - count, this.at);
  }

  number() {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const next = this.byte();
      value += (next % 128) * shift;
      if (next < 128) return value;
    }
  }

  text() {
    return new TextDecoder().decode(this.bytes(this.number()));
  }
}
