// `TextEncoder` and `TextDecoder`, for UTF-8, UTF-16 and windows-1252.
//
// The last of them is what the web means by "latin1" and "ascii". Node.js from 20.18.3 on reads it as ISO
// 8859-1, a mistake that was mended later: the euro sign became a control character. Here it is a euro sign.

import { isAnyArrayBuffer } from '../bson/bytes.js';
import { inspect } from '../inspect.js';
import { decodeUtf16 } from './buffer/encodings.js';
import { isBytes } from './buffer/instance.js';
import { textOf } from './buffer/text_units.js';
import { decodeUtf8, encodeUtf8, incompleteFrom, isValidUtf8, writeUtf8 } from './buffer/utf8.js';
import { invalidArgType, nodeError } from './errors.js';

const CUSTOM = Symbol.for('nodejs.util.inspect.custom');
const BOM = '\ufeff';

// The characters of windows-1252 from 0x80 to 0x9f; all others are those of Unicode.
const WINDOWS_1252 = Array.from(
  '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ',
  character => character.charCodeAt(0)
);

function decodeWindows1252(bytes) {
  const units = Uint16Array.from(bytes);
  for (let i = 0; i < units.length; i++) if (units[i] >= 0x80 && units[i] < 0xa0) units[i] = WINDOWS_1252[units[i] - 0x80];
  return textOf(units, 0, units.length);
}

const isHighByte = byte => (byte & 0xfc) === 0xd8;

function utf16(bigEndian) {
  return {
    hasMark: true,
    incompleteFrom(bytes) {
      const end = bytes.length - (bytes.length % 2);
      return end > 0 && isHighByte(bytes[bigEndian ? end - 2 : end - 1]) ? end - 2 : end;
    },
    decode(bytes) {
      const text = decodeUtf16(bytes, 0, bytes.length, bigEndian);
      const isTorn = bytes.length % 2 === 1;
      // A lone half and a torn unit at the end are one mistake.
      const tail = isTorn && !isHighAt(text, text.length - 1) ? '\ufffd' : '';
      return { text: text.toWellFormed() + tail, isValid: !isTorn && text.isWellFormed() };
    },
  };
}

const isHighAt = (text, index) => (text.charCodeAt(index) & 0xfc00) === 0xd800;

// `decode(bytes)` gives `{ text, isValid }`; `incompleteFrom(bytes)` where that begins which more bytes may complete.
const DECODERS = {
  'utf-8': {
    hasMark: true,
    incompleteFrom: bytes => incompleteFrom(bytes, 0, bytes.length),
    decode(bytes) {
      const text = decodeUtf8(bytes, 0, bytes.length);
      // U+FFFD may be in the text by right.
      return { text, isValid: !text.includes('\ufffd') || isValidUtf8(bytes, 0, bytes.length) };
    },
  },
  'utf-16le': utf16(false),
  'utf-16be': utf16(true),
  'windows-1252': {
    hasMark: false,
    incompleteFrom: bytes => bytes.length,
    decode: bytes => ({ text: decodeWindows1252(bytes), isValid: true }),
  },
};

const LABELS = {
  'utf-8': 'unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8',
  'utf-16le': 'csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le',
  'utf-16be': 'unicodefffe utf-16be',
  'windows-1252': 'ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 '
    + 'iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252',
};
const BY_LABEL = new Map(Object.entries(LABELS).flatMap(([name, labels]) => labels.split(' ').map(label => [label, name])));

const invalidThis = name => nodeError(TypeError, 'ERR_INVALID_THIS', `Value of "this" must be of type ${name}`);

// Enumerable, and labelled, as the members of a web interface are.
function asInterface(Class, name, members) {
  for (const member of members) Object.defineProperty(Class.prototype, member, { enumerable: true });
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: name, configurable: true });
}

export class TextEncoder {
  #own = true;

  static #check(value) {
    if (typeof value !== 'object' || value === null || !(#own in value)) throw invalidThis('TextEncoder');
  }

  get encoding() {
    TextEncoder.#check(this);
    return 'utf-8';
  }

  /** The UTF-8 bytes of `input`. */
  encode(input = '') {
    TextEncoder.#check(this);
    return encodeUtf8(`${input}`);
  }

  /** Writes what fits of `src` into `dest`: `{ read, written }`. */
  encodeInto(src, dest) {
    TextEncoder.#check(this);
    if (typeof src !== 'string') throw invalidArgType('src', 'string', src);
    if (!isBytes(dest)) throw invalidArgType('dest', 'Uint8Array', dest);
    return writeUtf8(src, dest, 0, dest.length);
  }

  [CUSTOM](depth) {
    return typeof depth === 'number' && depth < 0 ? '[TextEncoder]' : { encoding: this.encoding };
  }
}
asInterface(TextEncoder, 'TextEncoder', ['encoding', 'encode', 'encodeInto']);

function bytesOf(input) {
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  if (isAnyArrayBuffer(input)) return new Uint8Array(input);
  const message = 'The "list" argument must be an instance of SharedArrayBuffer, ArrayBuffer or ArrayBufferView.';
  throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', message);
}

function joined(first, second) {
  if (first.length === 0) return second;
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

const NOTHING = new Uint8Array(0);

export class TextDecoder {
  #encoding;
  #isFatal;
  #keepsMark;
  // Of a stream: the bytes held back, and whether text has begun.
  #held = NOTHING;
  #hasBegun = false;

  constructor(encoding = 'utf-8', options = {}) {
    const label = `${encoding}`.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, '').toLowerCase();
    const name = BY_LABEL.get(label);
    if (options !== null && typeof options !== 'object' && typeof options !== 'function') {
      throw invalidArgType('options', 'object', options);
    }
    if (name === undefined) {
      throw nodeError(RangeError, 'ERR_ENCODING_NOT_SUPPORTED', `The "${encoding}" encoding is not supported`);
    }
    this.#encoding = name;
    this.#isFatal = Boolean(options?.fatal);
    this.#keepsMark = Boolean(options?.ignoreBOM);
  }

  static #check(value) {
    if (typeof value !== 'object' || value === null || !(#encoding in value)) throw invalidThis('TextDecoder');
  }

  get encoding() {
    TextDecoder.#check(this);
    return this.#encoding;
  }

  get fatal() {
    TextDecoder.#check(this);
    return this.#isFatal;
  }

  get ignoreBOM() {
    TextDecoder.#check(this);
    return this.#keepsMark;
  }

  /** The text of `input`; with `{ stream: true }`, of the whole characters in it, and the rest is kept. */
  decode(input = NOTHING, options = {}) {
    TextDecoder.#check(this);
    const decoder = DECODERS[this.#encoding];
    let bytes = joined(this.#held, bytesOf(input));
    this.#held = NOTHING;
    const isStream = Boolean(options?.stream);
    if (isStream) {
      const end = decoder.incompleteFrom(bytes);
      this.#held = bytes.slice(end);
      bytes = bytes.subarray(0, end);
    }
    const { text, isValid } = decoder.decode(bytes);
    if (this.#isFatal && !isValid) {
      this.#held = NOTHING;
      this.#hasBegun = false;
      const message = `The encoded data was not valid for encoding ${this.#encoding}`;
      throw nodeError(TypeError, 'ERR_ENCODING_INVALID_ENCODED_DATA', message);
    }
    const hasMark = decoder.hasMark && !this.#keepsMark && !this.#hasBegun && text.startsWith(BOM);
    this.#hasBegun = isStream && (this.#hasBegun || text !== '');
    return hasMark ? text.slice(1) : text;
  }

  [CUSTOM](depth) {
    if (typeof depth === 'number' && depth < 0) return '[TextDecoder]';
    const { encoding, fatal, ignoreBOM } = this;
    return `TextDecoder ${inspect({ encoding, fatal, ignoreBOM })}`;
  }
}
asInterface(TextDecoder, 'TextDecoder', ['decode', 'encoding', 'fatal', 'ignoreBOM']);
