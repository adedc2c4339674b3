// The outline of a module's bytes.

const custom = 0;

/** Drops what only tools read: names, producers, features. All else stays as it is, byte for byte. */
export function strip(module) {
  const kept = [...sections(module)].filter(({ id }) => id !== custom);
  return Buffer.concat([module.subarray(0, 8), ...kept.map(({ from, to }) => module.subarray(from, to))]);
}

/** The sections in order: `from` the number of its kind, `content` behind its length, `to` its end. */
export function* sections(module) {
  const reader = read(module, 8);
  while (reader.at < module.length) {
    const from = reader.at;
    const id = reader.byte();
    const length = reader.number();
    const content = reader.at;
    reader.at += length;
    yield { id, from, content, to: reader.at };
  }
}

/** Reads bytes, unsigned LEB128 numbers and texts, from a place on. */
export function read(bytes, at) {
  return {
    at,
    byte() {
      return bytes[this.at++];
    },
    number() {
      let value = 0;
      for (let shift = 0, more = true; more; shift += 7) {
        const byte = this.byte();
        value |= (byte & 0x7f) << shift;
        more = byte > 0x7f;
      }
      return value;
    },
    text() {
      const length = this.number();
      this.at += length;
      return Buffer.from(bytes.subarray(this.at - length, this.at)).toString();
    },
  };
}
