/** Bytes as printable text: how they are written is told in `tools/build/inline-encoding.mjs`. */
export interface Text {
  marks: string;
  text: string;
}

/** The bytes that a text stands for. */
export function bytesOf({ marks, text }: Text): Uint8Array<ArrayBuffer> {
  const letters = marks.replaceAll('}', '');
  // By the code of a character, plus 128 behind a `}` and 256 behind a `~`.
  const table = new Uint8Array(384);
  for (let byte = 0, escaped = 0; byte < 256; byte++) {
    let at = marks.charCodeAt(byte);
    if (at === 125) {
      at = letters.charCodeAt(escaped % letters.length) + (escaped < letters.length ? 128 : 256);
      escaped++;
    }
    table[at] = byte;
  }
  // Written over with what they stand for, which is never longer.
  const bytes = new TextEncoder().encode(text);
  let length = 0;
  // By number throughout: this loop is most of what loading costs, and runs before it is compiled.
  for (let index = 0, size = bytes.length; index < size;) {
    let at = bytes[index++]!;
    if (at > 124) at = (at - 124) * 128 + bytes[index++]!;
    bytes[length++] = table[at]!;
  }
  return bytes.subarray(0, length);
}
