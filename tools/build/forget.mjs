// Blanks the places in source files that panics would name, once nothing reads them. A finished
// module does not say which of its data is dead; these are known by their shape.

import { readModule } from '../panics/module.mjs';
import { segments } from './data.mjs';

const fileName = /^[\w./-]+\.rs$/;
/** A core::panic::Location: where its file's name is, how long that is, a line, a column. */
const placeSize = 16;

/** The module's bytes, zero in all places and names of files that nothing refers to. */
export async function forget(given) {
  const bytes = Uint8Array.from(given);
  const data = segments(bytes);
  const numbers = await numbersIn(bytes);
  const places = data.flatMap((segment) => placesIn(segment, data));
  const pointers = () => data.flatMap((segment) => [...words(segment)].map(([, word]) => word));
  const unused = (parts) => {
    const used = [...numbers, ...pointers()];
    return parts.filter((part) => !used.some(within(part)));
  };
  const dead = unused(places);
  dead.forEach(blank);
  unused(dead.map(({ name }) => name)).forEach(blank);
  return bytes;
}

function placesIn(segment, data) {
  const at = new Map(words(segment));
  return [...at].flatMap(([from, start]) => {
    const name = range(data, start, at.get(from + 4) ?? 0);
    const text = name && Buffer.from(bytesOf(name)).toString('latin1');
    return fileName.test(text ?? '') ? [{ segment, from, to: from + placeSize, name }] : [];
  });
}

function range(data, from, length) {
  const segment = data.find(({ address, bytes }) => address <= from && from + length <= address + bytes.length);
  return segment && { segment, from, to: from + length };
}

function bytesOf({ segment: { address, bytes }, from, to }) {
  return bytes.subarray(from - address, to - address);
}

function blank(part) {
  bytesOf(part).fill(0);
}

function within({ from, to }) {
  return (address) => from <= address && address < to;
}

/** The words of a segment that can be pointers, by their addresses. */
function* words({ address, bytes }) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = -address & 3; at + 4 <= bytes.length; at += 4) yield [address + at, view.getUint32(at, true)];
}

/** Every number in the code, whatever it means there; of 64 bits, which may be two, both halves. */
async function numbersIn(bytes) {
  const { functions } = await readModule(bytes);
  const written = [...functions.values()].flatMap(({ body }) => body.flat(Infinity));
  const digits = [...new Set(written)].flatMap((word) => /^(?:offset=)?(-?\d+)$/.exec(word)?.[1] ?? []);
  return digits
    .map(BigInt)
    .flatMap((number) => [number, number >> 32n].map((half) => Number(BigInt.asUintN(32, half))));
}
