// Hex and base64 in both alphabets. Reading is as forgiving as Node's: nothing is ever reported.

import { host } from '../host.js';
import { CHUNK, NATIVE_FROM, plainView, textOf } from './text_units.js';

const codesOf = text => Uint8Array.from(text, character => character.charCodeAt(0));

const HEX = codesOf('0123456789abcdef');
const BASE64 = codesOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const BASE64_URL = BASE64.with(62, 0x2d).with(63, 0x5f);
const PADDING = 0x3d;

// What a digit is worth, by its low byte: Node looks at no more of it. `NONE` is above every digit.
const NONE = 0x40;
const HEX_VALUES = new Uint8Array(256).fill(NONE);
HEX.forEach((code, value) => { HEX_VALUES[code] = value; });
codesOf('ABCDEF').forEach((code, index) => { HEX_VALUES[code] = 10 + index; });
const BASE64_VALUES = new Uint8Array(256).fill(NONE);
for (const alphabet of [BASE64, BASE64_URL]) alphabet.forEach((code, value) => { BASE64_VALUES[code] = value; });

export function encodeHex(bytes, start, end) {
  if (end - start >= NATIVE_FROM && host.hexEncode !== undefined) return host.hexEncode(plainView(bytes, start, end));
  const digits = new Uint8Array(2 * (end - start));
  for (let i = start, at = 0; i < end; i++) {
    digits[at++] = HEX[bytes[i] >> 4];
    digits[at++] = HEX[bytes[i] & 15];
  }
  return textOf(digits, 0, digits.length);
}

/** Reads pairs of digits up to the first pair that is none. */
export function decodeHex(text) {
  const bytes = new Uint8Array(text.length >> 1);
  for (let at = 0; at < bytes.length; at++) {
    const high = HEX_VALUES[text.charCodeAt(2 * at) & 0xff];
    const low = HEX_VALUES[text.charCodeAt(2 * at + 1) & 0xff];
    if ((high | low) >= NONE) return bytes.slice(0, at);
    bytes[at] = (high << 4) | low;
  }
  return bytes;
}

/** Base64 with padding, or the alphabet for URLs without. */
export function encodeBase64(bytes, start, end, forUrl = false) {
  if (end - start >= NATIVE_FROM && host.base64Encode !== undefined) {
    const text = host.base64Encode(plainView(bytes, start, end), forUrl);
    return forUrl ? text.replace(/=+$/, '') : text;
  }
  const alphabet = forUrl ? BASE64_URL : BASE64;
  const digits = new Uint8Array(Math.min(CHUNK, 4 * Math.ceil((end - start) / 3)));
  let text = '';
  let at = 0;
  for (let i = start; i < end; i += 3) {
    if (at === CHUNK) {
      text += textOf(digits, 0, at);
      at = 0;
    }
    const group = (bytes[i] << 16) | (i + 1 < end ? bytes[i + 1] << 8 : 0) | (i + 2 < end ? bytes[i + 2] : 0);
    digits[at++] = alphabet[group >> 18];
    digits[at++] = alphabet[(group >> 12) & 63];
    digits[at++] = i + 1 < end ? alphabet[(group >> 6) & 63] : PADDING;
    digits[at++] = i + 2 < end ? alphabet[group & 63] : PADDING;
  }
  const missing = (end - start) % 3;
  if (forUrl && missing > 0) at -= 3 - missing;
  return text + textOf(digits, 0, at);
}

/** How many bytes `text` holds if all of it is digits; never less than it really does. */
export function base64Length(text) {
  let digits = text.length;
  if (text[digits - 1] === '=') digits -= 1;
  if (text[digits - 1] === '=') digits -= 1;
  return Math.floor((digits * 3) / 4);
}

/** Reads both alphabets, skips what belongs to neither and stops at the first `=`. */
export function decodeBase64(text) {
  const bytes = new Uint8Array(base64Length(text));
  let at = 0;
  let i = 0;
  for (; i + 4 <= text.length; i += 4) {
    const first = BASE64_VALUES[text.charCodeAt(i) & 0xff];
    const second = BASE64_VALUES[text.charCodeAt(i + 1) & 0xff];
    const third = BASE64_VALUES[text.charCodeAt(i + 2) & 0xff];
    const fourth = BASE64_VALUES[text.charCodeAt(i + 3) & 0xff];
    if ((first | second | third | fourth) >= NONE) break;
    bytes[at++] = (first << 2) | (second >> 4);
    bytes[at++] = (second << 4) | (third >> 2);
    bytes[at++] = (third << 6) | fourth;
  }
  let held = 0;
  let bits = 0;
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i) & 0xff;
    const value = BASE64_VALUES[code];
    if (value === NONE) {
      if (code === PADDING) break;
      continue;
    }
    held = ((held << 6) | value) & 0xfff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = held >> bits;
  }
  return at === bytes.length ? bytes : bytes.slice(0, at);
}
