// Runs the same call against Whimbrel's classes and against the npm package, and compares what happened.
//
// An outcome is either a value or an error, made plain: BSON values become their type and content, bytes
// become hex, errors become their name and message. Both sides go through the same `plain`, which looks at
// public properties only.

import assert from 'node:assert/strict';

const hexOf = bytes => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');

const CONTENT = {
  ObjectId: value => value.toHexString(),
  Long: value => [value.low, value.high, value.unsigned],
  Timestamp: value => [value.low, value.high, value.unsigned],
  Double: value => plain(value.value),
  Int32: value => plain(value.value),
  Decimal128: value => hexOf(value.bytes),
  Binary: value => [hexOf(value.buffer), value.position, value.sub_type, value.constructor.name],
  BSONRegExp: value => [value.pattern, value.options],
  BSONSymbol: value => value.value,
  Code: value => [value.code, plain(value.scope)],
  DBRef: value => [value.collection, plain(value.oid), plain(value.db), plain(value.fields)],
  MinKey: () => null,
  MaxKey: () => null,
};

export function plain(value) {
  if (typeof value === 'number') return Object.is(value, -0) ? 'number -0' : `number ${value}`;
  if (typeof value === 'bigint') return `bigint ${value}`;
  if (value === undefined) return 'undefined';
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) {
    const kind = value.constructor.name === 'Buffer' ? 'Uint8Array' : value.constructor.name;
    return { kind, items: Array.from(value, String) };
  }
  if (typeof value._bsontype === 'string') return { type: value._bsontype, content: CONTENT[value._bsontype](value) };
  if (value instanceof Date) return { date: value.getTime() };
  if (value instanceof RegExp) return { regexp: String(value) };
  if (value instanceof Error) return { error: value.name, message: value.message };
  if (Array.isArray(value)) return value.map(plain);
  return Object.entries(value).map(([key, inner]) => [key, plain(inner)]);
}

export function outcome(call) {
  try {
    return { value: plain(call()) };
  } catch (error) {
    // The text of an engine's own error names the variables of the code that failed: only its class counts.
    const isBSONError = error.bsonError === true;
    return { error: error.name, message: isBSONError ? error.message : 'any', isBSONError };
  }
}

/** `call(library)` has to end alike for both; `what` names the case when it does not. */
export function same(ours, theirs, call, what) {
  assert.deepEqual(outcome(() => call(ours)), outcome(() => call(theirs)), what ?? call.toString());
}

/** A small seeded generator (mulberry32), so that a failure can be repeated. */
export function random(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = n => Math.floor(next() * n);
  const bytes = n => Uint8Array.from({ length: n }, () => below(256));
  const pick = list => list[below(list.length)];
  return { next, below, bytes, pick };
}
