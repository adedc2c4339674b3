/** Bytes as printable text: how they are written is told in `scripts/build/text.mjs`. */
export interface Text {
  escapes: string;
  marks: string;
  text: string;
}

/** The bytes that a text stands for. */
export function bytesOf({ escapes, marks, text }: Text): Uint8Array<ArrayBuffer> {
  const letters = marks.replaceAll(escapes[0]!, '');
  // Written over with what they stand for, which is never longer.
  const bytes = new TextEncoder().encode(text);
  // By the code of a character, plus 128 behind the first escape and 256 behind the second.
  const table = new Uint8Array(384);
  for (let byte = 0, escaped = 0; byte < 256; byte++) {
    let at = marks.charCodeAt(byte);
    if (marks[byte] === escapes[0]) {
      at = letters.charCodeAt(escaped % letters.length) + (escaped < letters.length ? 128 : 256);
      escaped++;
    }
    table[at] = byte;
  }
  const [first, second] = [escapes.charCodeAt(0), escapes.charCodeAt(1)];
  let length = 0;
  // By number throughout: this loop is most of what loading costs, and runs before it is compiled.
  for (let index = 0, size = bytes.length; index < size;) {
    let at = bytes[index++]!;
    if (at === first) at = 128 + bytes[index++]!;
    else if (at === second) at = 256 + bytes[index++]!;
    bytes[length++] = table[at]!;
  }
  return bytes.subarray(0, length);
}
