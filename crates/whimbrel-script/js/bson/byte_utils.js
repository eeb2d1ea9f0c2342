// `ByteUtils` and `NumberUtils`: what the npm package uses inside and lets others use.

import { allocate, fromBase64, fromHex, fromNumbers, isUint8Array, randomBytes, sameBytes, toBase64, toHex, toUTF8, viewOf } from './bytes.js';
import { BSONError } from './errors.js';

/** The bytes of a text; half a surrogate pair becomes U+FFFD. */
function utf8Bytes(text) {
  const bytes = [];
  for (const character of text) {
    const point = character.codePointAt(0);
    const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  }
  return bytes;
}

function compare(one, two) {
  for (let i = 0; i < one.length && i < two.length; i++) {
    if (one[i] !== two[i]) return one[i] < two[i] ? -1 : 1;
  }
  return Math.sign(one.length - two.length);
}

function concat(list) {
  const whole = allocate(list.reduce((size, bytes) => size + bytes.length, 0));
  let at = 0;
  for (const bytes of list) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  return whole;
}

function copy(source, target, targetStart = 0, sourceStart = 0, sourceEnd = source.length) {
  const part = source.subarray(sourceStart, Math.min(sourceEnd, sourceStart + target.length - targetStart));
  target.set(part, targetStart);
  return part.length;
}

function checkedUTF8(bytes, start, end, fatal) {
  const text = toUTF8(bytes, start, end);
  // U+FFFD in the text may be one that was written.
  if (fatal && text.includes('\ufffd') && !sameBytes(fromNumbers(utf8Bytes(text)), bytes.subarray(start, end))) {
    throw new BSONError('Invalid UTF-8 string in BSON document');
  }
  return text;
}

function swap32(bytes) {
  if (bytes.length % 4 !== 0) throw new RangeError('Buffer size must be a multiple of 32-bits');
  for (let i = 0; i < bytes.length; i += 4) bytes.subarray(i, i + 4).reverse();
  return bytes;
}

export const ByteUtils = Object.freeze({
  isUint8Array, toLocalBufferType: viewOf, allocate, allocateUnsafe: allocate, compare, concat, copy, equals: sameBytes,
  fromNumberArray: fromNumbers, fromBase64, fromUTF8: text => fromNumbers(utf8Bytes(text)), toBase64,
  fromISO88591: text => fromNumbers(text.split('').map(unit => unit.charCodeAt(0))),
  toISO88591: bytes => Array.from(bytes, byte => String.fromCharCode(byte)).join(''),
  fromHex, toHex, toUTF8: checkedUTF8, utf8ByteLength: text => utf8Bytes(text).length,
  encodeUTF8Into(destination, source, byteOffset) {
    const bytes = utf8Bytes(source);
    destination.set(bytes, byteOffset);
    return bytes.length;
  },
  randomBytes, swap32,
});

const view = bytes => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Numbers at a place in bytes. `LE`: the lowest byte first. */
export const NumberUtils = Object.freeze({
  isBigEndian: false,
  getNonnegativeInt32LE(source, offset) {
    if (source[offset + 3] > 127) throw new RangeError(`Size cannot be negative at offset: ${offset}`);
    return view(source).getInt32(offset, true);
  },
  getInt32LE: (source, offset) => view(source).getInt32(offset, true),
  getUint32LE: (source, offset) => view(source).getUint32(offset, true),
  getUint32BE: (source, offset) => view(source).getUint32(offset, false),
  getBigInt64LE: (source, offset) => view(source).getBigInt64(offset, true),
  getFloat64LE: (source, offset) => view(source).getFloat64(offset, true),
  setInt32BE: (destination, offset, value) => { view(destination).setInt32(offset, value, false); return 4; },
  setInt32LE: (destination, offset, value) => { view(destination).setInt32(offset, value, true); return 4; },
  setBigInt64LE: (destination, offset, value) => { view(destination).setBigInt64(offset, value, true); return 8; },
  setFloat64LE: (destination, offset, value) => { view(destination).setFloat64(offset, value, true); return 8; },
});
