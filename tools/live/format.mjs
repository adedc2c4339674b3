// How replies are put into a cell of the table.

import { objectOf } from './exchange.mjs';

const longest = 160;
const uuid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const forms = [
  ['UUID:stable-audio', `${uuid}:stable-audio`],
  ['UUID:vendor/model', `${uuid}:[^/:]+/[^:]+`],
  ['UUID', uuid],
  ['21 characters', '[\\w-]{21}'],
];

/** A text that is not too long for a cell. */
export function brief(text) {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** An id, and which of the forms ever seen it has. */
export function formOf(id) {
  const [form] = forms.find(([, pattern]) => new RegExp(`^${pattern}$`, 'i').test(id)) ?? ['another form'];
  return `${form}: ${id}`;
}

/** What `x-inference-id` of a reply is, beside the id that the reply is about. */
export function inferenceOf({ headers }, id) {
  const told = headers['x-inference-id'];
  if (told === undefined) return 'no x-inference-id';
  return told === id ? 'x-inference-id is the id' : `x-inference-id is another, ${formOf(told)}`;
}

/** A refusal: status, type, fields and message. */
export function refusalOf(reply) {
  const { status, headers, text } = reply;
  const body = objectOf(reply);
  const fields = Object.keys(body);
  const message = [body.message ?? ''].flat().join(' ');
  const said = fields.length > 0 ? `{${fields.join(', ')}}: ${message}` : text;
  return `${status}, ${headers['content-type'] ?? 'no type'}, ${brief(said)}`;
}

/** Those of the headers that are there, with their values. */
export function headersOf({ headers }, names, otherwise) {
  const there = names.filter((name) => headers[name] !== undefined);
  return there.map((name) => `${name}: ${headers[name]}`).join('; ') || otherwise;
}

/** Names of fields, those within a field with a dot. */
export function columnsOf(row) {
  const names = Object.entries(row).flatMap(([name, value]) =>
    value !== null && typeof value === 'object' ? Object.keys(value).map((inner) => `${name}.${inner}`) : [name],
  );
  return names.join(', ');
}

/** A duration in seconds or milliseconds. */
export function time(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
