// The encodings of `Buffer` under all their names.
//
// A codec is `{ name, unit, lengthOf(text), encode(text), decode(bytes, start, end) }`; `unit` is what may
// not be torn apart when only part of a text fits.

import { base64Length, decodeBase64, decodeHex, encodeBase64, encodeHex } from './digits.js';
import { CHUNK, textOf } from './text_units.js';
import { decodeUtf8, encodeUtf8, utf8Length } from './utf8.js';

function encodeLatin1(text) {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function decodeAscii(bytes, start, end) {
  const codes = new Uint8Array(end - start);
  for (let i = 0; i < codes.length; i++) codes[i] = bytes[start + i] & 0x7f;
  return textOf(codes, 0, codes.length);
}

function encodeUtf16(text) {
  const bytes = new Uint8Array(2 * text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[2 * i] = unit;
    bytes[2 * i + 1] = unit >> 8;
  }
  return bytes;
}

/** UTF-16 as it is, lone surrogates too; an odd last byte is dropped. */
export function decodeUtf16(bytes, start, end, bigEndian = false) {
  const length = (end - start) >> 1;
  const units = new Uint16Array(Math.min(CHUNK, length));
  const [first, second] = bigEndian ? [8, 0] : [0, 8];
  let text = '';
  for (let done = 0; done < length; done += units.length) {
    const count = Math.min(units.length, length - done);
    let at = start + 2 * done;
    for (let i = 0; i < count; i++, at += 2) units[i] = (bytes[at] << first) | (bytes[at + 1] << second);
    text += textOf(units, 0, count);
  }
  return text;
}

const utf8 = { name: 'utf8', unit: 1, lengthOf: utf8Length, encode: encodeUtf8, decode: decodeUtf8 };
const utf16le = { name: 'utf16le', unit: 2, lengthOf: text => 2 * text.length, encode: encodeUtf16, decode: decodeUtf16 };
const latin1 = { name: 'latin1', unit: 1, lengthOf: text => text.length, encode: encodeLatin1, decode: textOf };
const ascii = { ...latin1, name: 'ascii', decode: decodeAscii };
const hex = { name: 'hex', unit: 1, lengthOf: text => text.length >>> 1, encode: decodeHex, decode: encodeHex };
const base64 = { name: 'base64', unit: 1, lengthOf: base64Length, encode: decodeBase64, decode: encodeBase64 };
const base64url = {
  ...base64, name: 'base64url', decode: (bytes, start, end) => encodeBase64(bytes, start, end, true),
};

export const codecs = { utf8, utf16le, latin1, ascii, hex, base64, base64url };

const BY_NAME = new Map(Object.entries({
  utf8, 'utf-8': utf8, ucs2: utf16le, 'ucs-2': utf16le, utf16le, 'utf-16le': utf16le, latin1, binary: latin1, ascii, hex,
  base64, base64url,
}));

/** The codec of a name in any case; undefined when there is none. */
export function codecOf(encoding) {
  const name = `${encoding}`;
  return BY_NAME.get(name) ?? BY_NAME.get(name.toLowerCase());
}
