// The module as a string that compresses about as well as its bytes: what stands for a byte is the
// byte itself where that is a letter, so that words stay words, and one character wherever possible. With
// base64 instead, a bundle would weigh a quarter more. It may go when all tools that users have take a
// module as a file.

/** What a byte without a mark of its own is written behind: the last two of printable ASCII. */
const escapes = '}~';

/**
 * The mark of each byte from 0 to 255, or the first of the `escapes` where it has none. A compressor
 * predicts a character from the class of those before it, so it matters which mark a byte has: these were
 * found by trying (`node tools/build/tune-encoding.mjs`), which saves 1 %. The end of a line stands for
 * what a module reads a constant with, so that lines stay short: frequent enough for that, and no more
 * frequent, since some minifiers write `\n` for it.
 */
export const marks = [
  "49A;7:8(63&[1/^}=}}}{}}})}}'}}}] %.}|}}}?_}}}*}}!}}}}}+@5}#}}}}}",
  '2\nBCDEFGHIJKLMNOPQRSTUVWXYZ}}}}},abcdefghijklmnopqrstuvwxyz>}}}0',
  '-}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}',
].join('');

/**
 * The `text` that stands for the bytes, and the `marks` to read it with. The n-th byte without a mark is
 * written as an escape and a mark, the n-th as they are in `marks`, first those behind the first escape.
 */
export function toText(bytes, table = marks) {
  const letters = [...table.replaceAll(escapes[0], '')];
  let escaped = 0;
  const words = Array.from(table, (mark) => {
    if (mark !== escapes[0]) return mark;
    const index = escaped++;
    return escapes[Math.floor(index / letters.length)] + letters[index % letters.length];
  });
  return { marks: table, text: Array.from(bytes, (byte) => words[byte]).join('') };
}
