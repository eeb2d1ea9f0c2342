// The module `string_decoder`: text from bytes that come in pieces.
//
// What a piece ends with is held back while it may be the beginning of a character (of a group, in base64)
// and put in front of the next piece. When it is held back, and for how long, is as in Node: for UTF-8 by
// the lead byte alone, so a malformed beginning is only found out when its last byte is there.

import { codecOf } from './buffer/encodings.js';
import { unknownEncoding } from './buffer/checks.js';
import { Buffer } from './buffer/class.js';
import { invalidArgType, nodeError } from './errors.js';

const STATE = Symbol('state');
const LONGEST = 4;

// How many bytes a lead byte announces, itself included; 0 if it is none.
function announced(lead) {
  if ((lead & 0xe0) === 0xc0) return 2;
  if ((lead & 0xf0) === 0xe0) return 3;
  return (lead & 0xf8) === 0xf0 ? 4 : 0;
}

const isContinuation = byte => (byte & 0xc0) === 0x80;

// For each encoding that needs it: `[bytes to hold back, bytes that are missing]` at the end of a piece.
const INCOMPLETE = {
  utf8(bytes) {
    for (let held = 1; held < LONGEST && held <= bytes.length; held++) {
      const byte = bytes[bytes.length - held];
      if (isContinuation(byte)) continue;
      const missing = announced(byte) - held;
      return missing > 0 ? [held, missing] : [0, 0];
    }
    return [0, 0];
  },
  utf16le(bytes) {
    if (bytes.length % 2 === 1) return [1, 1];
    return bytes.length > 0 && (bytes.at(-1) & 0xfc) === 0xd8 ? [2, 2] : [0, 0];
  },
  base64(bytes) {
    const held = bytes.length % 3;
    return held > 0 ? [held, 3 - held] : [0, 0];
  },
};
INCOMPLETE.base64url = INCOMPLETE.base64;

/** A decoder for `encoding`, by default UTF-8. */
function StringDecoder(encoding) {
  const isDefault = encoding === undefined || encoding === null || encoding === '';
  const name = isDefault ? 'utf8' : encoding;
  // Nothing but text is a name here, not even what would turn into one.
  const codec = typeof name === 'string' ? codecOf(name) : undefined;
  if (codec === undefined) throw unknownEncoding(encoding);
  this.encoding = codec.name;
  // `held` of the four bytes are there, `missing` have to come.
  Object.defineProperty(this, STATE, { value: { codec, bytes: Buffer.alloc(LONGEST), held: 0, missing: 0 } });
}

function stateOf(decoder) {
  const state = decoder[STATE];
  if (state === undefined) throw nodeError(TypeError, 'ERR_INVALID_THIS', 'Value of "this" must be of type StringDecoder');
  return state;
}

function takeHeld(state) {
  const text = state.codec.decode(state.bytes, 0, state.held);
  state.held = 0;
  return text;
}

// Completes what is held; returns how many bytes that took. A byte that cannot belong to it ends it.
function complete(state, bytes) {
  let taken = 0;
  while (state.missing > 0 && taken < bytes.length) {
    if (state.codec.name === 'utf8' && !isContinuation(bytes[taken])) {
      state.missing = 0;
      break;
    }
    state.bytes[state.held] = bytes[taken];
    state.held += 1;
    state.missing -= 1;
    taken += 1;
  }
  return taken;
}

function decode(state, bytes) {
  const incomplete = INCOMPLETE[state.codec.name];
  if (incomplete === undefined) return state.codec.decode(bytes, 0, bytes.length);
  let text = '';
  let rest = bytes;
  if (state.missing > 0) {
    rest = bytes.subarray(complete(state, bytes));
    if (state.missing > 0) return '';
    text = takeHeld(state);
  }
  if (rest.length === 0) return text;
  [state.held, state.missing] = incomplete(rest);
  const end = rest.length - state.held;
  state.bytes.set(rest.subarray(end));
  return text + state.codec.decode(rest, 0, end);
}

/** The text of `buf` as far as it is complete. */
StringDecoder.prototype.write = function write(buf) {
  if (typeof buf === 'string') return buf;
  if (!ArrayBuffer.isView(buf)) throw invalidArgType('buf', ['Buffer', 'TypedArray', 'DataView'], buf);
  return decode(stateOf(this), new Uint8Array(buf.buffer, buf.byteOffset, buf.byteLength));
};

/** The text of `buf` and of what was held back. */
StringDecoder.prototype.end = function end(buf) {
  const text = buf === undefined ? '' : this.write(buf);
  const state = stateOf(this);
  // Half a code unit is nothing.
  if (state.codec.name === 'utf16le') state.held -= state.held % 2;
  state.missing = 0;
  return text + takeHeld(state);
};

/** The text of `buf` from `offset` on; what was held back is forgotten. */
StringDecoder.prototype.text = function text(buf, offset) {
  const state = stateOf(this);
  state.held = 0;
  state.missing = 0;
  return this.write(buf.slice(offset));
};

Object.defineProperties(StringDecoder.prototype, {
  lastChar: { enumerable: true, configurable: true, get() { return stateOf(this).bytes; } },
  lastNeed: { enumerable: true, configurable: true, get() { return stateOf(this).missing; } },
  lastTotal: {
    enumerable: true,
    configurable: true,
    get() {
      const { held, missing } = stateOf(this);
      return held + missing;
    },
  },
});

export default { StringDecoder };
