// Bytes and their spellings: hex, base64, UTF-8, and randomness.
//
// The engine has no `Buffer`, `TextDecoder` or `atob` of its own, and their replacements may not be set
// up yet when this file loads; so everything here works on plain `Uint8Array`s, and the two globals that
// are worth having (`Buffer`, `__whimbrel_random`) are looked up when called. Decoding is as forgiving as
// Node's `Buffer.from(text, encoding)`: malformed tails are dropped, never reported.

import { BSONError } from './errors.js';

const HEX_PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const BASE64_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE64_VALUES = new Map([...BASE64_DIGITS].map((digit, value) => [digit, value]));
BASE64_VALUES.set('-', 62).set('_', 63);

const typedArrayTag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag
).get;

/** True for a `Uint8Array` of any realm, `Buffer` included. */
export const isUint8Array = value => typedArrayTag.call(value) === 'Uint8Array';

export function isAnyArrayBuffer(value) {
  const tag = Object.prototype.toString.call(value);
  return tag === '[object ArrayBuffer]' || tag === '[object SharedArrayBuffer]';
}

// The program's `Buffer`, if there is one. Scripts written for Node call `binary.buffer.toString('hex')`,
// which only a Buffer answers in the way they expect.
function bufferClass() {
  const { Buffer } = globalThis;
  return typeof Buffer === 'function' && typeof Buffer.from === 'function' ? Buffer : null;
}

/** A view (never a copy) of `source` as bytes: a `Buffer` where the program has one. */
export function viewOf(source) {
  const Buffer = bufferClass();
  if (Buffer !== null && source instanceof Buffer) return source;
  let bytes;
  if (ArrayBuffer.isView(source)) {
    if (Buffer === null && isUint8Array(source)) return source;
    bytes = [source.buffer, source.byteOffset, source.byteLength];
  } else if (isAnyArrayBuffer(source)) {
    bytes = [source, 0, source.byteLength];
  } else {
    throw new BSONError('Cannot create Buffer from the passed potentialBuffer.');
  }
  return Buffer === null ? new Uint8Array(...bytes) : Buffer.from(...bytes);
}

export const allocate = size => viewOf(new Uint8Array(size));
export const fromNumbers = numbers => viewOf(Uint8Array.from(numbers));

export function sameBytes(left, right) {
  if (left.byteLength !== right.byteLength) return false;
  for (let i = 0; i < left.byteLength; i++) if (left[i] !== right[i]) return false;
  return true;
}

export function toHex(bytes) {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += HEX_PAIRS[bytes[i]];
  return text;
}

/** Reads pairs of hex digits up to the first pair that is none. */
export function fromHex(text) {
  const pairs = /^(?:[0-9a-f]{2})*/i.exec(text)[0];
  const bytes = allocate(pairs.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(pairs.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

export function toBase64(bytes) {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += BASE64_DIGITS[group >> 18] + BASE64_DIGITS[(group >> 12) & 63];
    text += left > 1 ? BASE64_DIGITS[(group >> 6) & 63] : '=';
    text += left > 2 ? BASE64_DIGITS[group & 63] : '=';
  }
  return text;
}

/** Reads both base64 alphabets, skips what belongs to neither and stops at the first `=`. */
export function fromBase64(text) {
  const bytes = [];
  let bits = 0;
  let held = 0;
  for (const digit of text) {
    if (digit === '=') break;
    const value = BASE64_VALUES.get(digit);
    if (value === undefined) continue;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 0xff);
    }
  }
  return fromNumbers(bytes);
}

// For a lead byte: how many bytes follow, and the bounds of the first of them. The narrower bounds rule
// out overlong forms, surrogates and values past U+10FFFF (table 3-7 of the Unicode standard).
function utf8Sequence(lead) {
  if (lead >= 0xc2 && lead <= 0xdf) return { more: 1, low: 0x80, high: 0xbf };
  if (lead >= 0xe0 && lead <= 0xef) {
    return { more: 2, low: lead === 0xe0 ? 0xa0 : 0x80, high: lead === 0xed ? 0x9f : 0xbf };
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    return { more: 3, low: lead === 0xf0 ? 0x90 : 0x80, high: lead === 0xf4 ? 0x8f : 0xbf };
  }
  return null;
}

/** Decodes UTF-8; each maximal malformed piece becomes one U+FFFD, as the WHATWG decoder does it. */
export function toUTF8(bytes, start, end) {
  let text = '';
  let i = start;
  while (i < end) {
    const lead = bytes[i++];
    if (lead < 0x80) {
      text += String.fromCharCode(lead);
      continue;
    }
    const sequence = utf8Sequence(lead);
    if (sequence === null) {
      text += '\ufffd';
      continue;
    }
    let { more, low, high } = sequence;
    let point = lead & (0x3f >> more);
    while (more > 0 && i < end && bytes[i] >= low && bytes[i] <= high) {
      point = (point << 6) | (bytes[i++] & 0x3f);
      more -= 1;
      low = 0x80;
      high = 0xbf;
    }
    text += more === 0 ? String.fromCodePoint(point) : '\ufffd';
  }
  return text;
}

/** `count` random bytes: cryptographic where the host offers them. */
export function randomBytes(count) {
  const host = globalThis.__whimbrel_random;
  if (typeof host === 'function') return viewOf(host(count));
  return fromNumbers(Array.from({ length: count }, () => Math.floor(Math.random() * 256)));
}
