// `indexOf`, `lastIndexOf` and `includes`: a byte, bytes or text in bytes.

import { invalidArgType } from '../errors.js';
import { unknownEncoding } from './checks.js';
import { codecOf, codecs } from './encodings.js';
import { isBytes } from './instance.js';

const { indexOf: nextByte, lastIndexOf: previousByte } = Uint8Array.prototype;
const FURTHEST = 2 ** 31 - 1;

// Where the search begins; -1 if there is nothing to search. Negative offsets count from the end.
function startOf(length, offset, size, isForward) {
  if (offset < 0) {
    if (offset + length >= 0) return offset + length;
    return isForward || size === 0 ? 0 : -1;
  }
  if (offset + size <= length) return offset;
  if (size === 0) return length;
  return isForward ? -1 : length - 1;
}

function matchesAt(bytes, needle, at) {
  for (let i = 1; i < needle.length; i++) if (bytes[at + i] !== needle[i]) return false;
  return true;
}

// The engine finds the first byte; `step` 2 keeps UTF-16 from matching across two units.
function find(bytes, needle, from, isForward, step) {
  const last = bytes.length - needle.length;
  let at = isForward ? from : Math.min(from, last);
  while (at >= 0 && at <= last) {
    at = isForward ? nextByte.call(bytes, needle[0], at) : previousByte.call(bytes, needle[0], at);
    if (at === -1 || at > last) return -1;
    if (at % step === 0 && matchesAt(bytes, needle, at)) return at;
    at += isForward ? 1 : -1;
  }
  return -1;
}

function findBytes(bytes, needle, offset, isForward, step) {
  const from = startOf(bytes.length, offset, needle.length, isForward);
  if (needle.length === 0) return from;
  if (needle.length > bytes.length || from === -1) return -1;
  if (isForward && from + needle.length > bytes.length) return -1;
  if (step === 1) return find(bytes, needle, from, isForward, 1);
  if (bytes.length < 2 || needle.length < 2) return -1;
  // Whole units only, from the unit that `from` is in.
  const units = length => length - (length % 2);
  const even = new Uint8Array(needle.buffer, needle.byteOffset, units(needle.length));
  return find(bytes, even, units(from), isForward, 2);
}

// Compared before it is converted: a BigInt may be far off, but nothing else.
function offsetOf(place, fallback) {
  if (place > FURTHEST) return FURTHEST;
  if (place < -FURTHEST) return -FURTHEST;
  const offset = Math.trunc(+place);
  // Not -0, which an empty search would hand back.
  return Number.isNaN(offset) ? fallback : offset + 0;
}

function search(bytes, value, givenOffset, givenEncoding, isForward) {
  if (!ArrayBuffer.isView(bytes)) throw invalidArgType('buffer', ['Buffer', 'TypedArray', 'DataView'], bytes);
  const [place, encoding] = typeof givenOffset === 'string' ? [undefined, givenOffset] : [givenOffset, givenEncoding];
  const offset = offsetOf(place, isForward ? 0 : bytes.length);

  if (typeof value === 'number') return findBytes(bytes, Uint8Array.of(value >>> 0), offset, isForward, 1);
  const codec = encoding === undefined ? codecs.utf8 : codecOf(encoding);
  if (typeof value === 'string') {
    if (codec === undefined) throw unknownEncoding(encoding);
    return findBytes(bytes, codec.encode(value), offset, isForward, codec.unit);
  }
  if (isBytes(value)) return findBytes(bytes, value, offset, isForward, codec?.unit ?? 1);
  throw invalidArgType('value', ['number', 'string', 'Buffer', 'Uint8Array'], value);
}

export const searchMethods = {
  indexOf(value, byteOffset, encoding) { return search(this, value, byteOffset, encoding, true); },
  lastIndexOf(value, byteOffset, encoding) { return search(this, value, byteOffset, encoding, false); },
  includes(value, byteOffset, encoding) { return search(this, value, byteOffset, encoding, true) !== -1; },
};
