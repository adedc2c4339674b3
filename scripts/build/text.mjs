// The module as a string that compresses about as well as its bytes: what stands for a byte is the
// byte itself where that can be, so that words stay words, and one character wherever possible.

/** What a byte without a mark of its own is written behind: the last two of printable ASCII. */
const escapes = '}~';

/**
 * The byte whose mark is the end of a line, so that lines stay short: what a module reads a constant
 * with, frequent enough for that, and no more frequent, since some minifiers write `\n` for it.
 */
const lineEnd = 0x41;

/** The rest of it, but for what a string, a template or a page's script could trip over. */
const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).filter(
  (char) => !'"\\`$<'.includes(char) && !escapes.includes(char),
);

/**
 * `marks` has the character of each byte from 0 to 255, or the first of the `escapes` where the byte
 * has none: the n-th of those is written as an escape and a mark, the n-th as they are in `marks`,
 * first those behind the first escape. `text` is the bytes so written.
 */
export function toText(bytes) {
  const count = Array.from({ length: 256 }, () => 0);
  for (const byte of bytes) count[byte] += 1;
  const marks = Array.from(count, (_, byte) => {
    const char = String.fromCharCode(byte);
    if (byte === lineEnd) return '\n';
    return printable.includes(char) ? char : escapes[0];
  });
  const unmarked = [...marks.keys()]
    .filter((byte) => marks[byte] === escapes[0])
    .toSorted((a, b) => count[b] - count[a]);
  marks[unmarked.shift()] = String.fromCharCode(lineEnd);
  const rarest = printable.toSorted((a, b) => count[code(a)] - count[code(b)]);
  for (const char of rarest.filter((rare) => /[^A-Za-z ]/.test(rare))) {
    if (count[unmarked[0]] <= count[code(char)]) break;
    marks[unmarked.shift()] = char;
    marks[code(char)] = escapes[0];
  }
  return { marks: marks.join(''), text: written(bytes, marks) };
}

function written(bytes, marks) {
  const letters = marks.filter((mark) => mark !== escapes[0]);
  let escaped = 0;
  const words = marks.map((mark) => {
    if (mark !== escapes[0]) return mark;
    const index = escaped++;
    return escapes[Math.floor(index / letters.length)] + letters[index % letters.length];
  });
  return Array.from(bytes, (byte) => words[byte]).join('');
}

function code(char) {
  return char.charCodeAt(0);
}
