// The methods of a buffer, but for numbers (`numbers.js`) and searching (`search.js`).

import { inspect } from '../../inspect.js';
import { invalidArgType, invalidArgValue, nodeError, outOfRange } from '../errors.js';
import { checkInteger, checkString, nativeError, unknownEncoding } from './checks.js';
import { codecOf, codecs } from './encodings.js';
import { FastBuffer, isBytes } from './instance.js';

const CUSTOM = Symbol.for('nodejs.util.inspect.custom');
const { fill: fillBytes, set: setBytes } = Uint8Array.prototype;

/** How many bytes `inspect` shows. */
export const shown = { bytes: 50 };

export function checkBytes(value, name) {
  if (!isBytes(value)) throw invalidArgType(name, ['Buffer', 'Uint8Array'], value);
}

// An absent encoding is UTF-8; what is empty counts as absent where `isLoose`.
function requireCodec(encoding, isLoose) {
  if (encoding === undefined || (isLoose && !encoding)) return codecs.utf8;
  const codec = codecOf(encoding);
  if (codec === undefined) throw unknownEncoding(encoding);
  return codec;
}

export function compareBytes(left, right) {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) if (left[i] !== right[i]) return left[i] < right[i] ? -1 : 1;
  return Math.sign(left.length - right.length);
}

/** Fills `buffer[start..end]` with `value`, repeated as often as it takes. */
export function fillWith(buffer, value, start, end, codec) {
  if (typeof value !== 'string' && !ArrayBuffer.isView(value)) {
    return fillBytes.call(buffer, +value & 255, start, end);
  }
  const pattern = typeof value === 'string'
    ? codec.encode(value)
    : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (pattern.length === 0) {
    if (value === '') return fillBytes.call(buffer, 0, start, end);
    throw invalidArgValue('value', value);
  }
  const first = Math.min(pattern.length, end - start);
  setBytes.call(buffer, new Uint8Array(pattern.buffer, pattern.byteOffset, first), start);
  // What is there already is the pattern for the rest, twice as long every time.
  for (let done = first; done < end - start; done *= 2) {
    buffer.copyWithin(start + done, start, start + Math.min(done, end - start - done));
  }
  return buffer;
}

/** The codec of `fill` and `alloc`. */
export function fillCodec(encoding) {
  if (encoding === undefined || encoding === null || encoding === '') return codecs.utf8;
  checkString(encoding, 'encoding');
  return requireCodec(encoding);
}

function fill(value, offset, end, encoding) {
  let [from, to, name] = [offset, end, encoding];
  let codec;
  if (typeof value === 'string') {
    if (typeof offset === 'string') [from, to, name] = [undefined, undefined, offset];
    else if (typeof end === 'string') [to, name] = [undefined, end];
    codec = fillCodec(name);
  }
  if (from === undefined) {
    from = 0;
    to = this.length;
  } else {
    checkInteger(from, 'offset');
    if (to === undefined) to = this.length;
    else checkInteger(to, 'end', 0, this.length);
  }
  return from >= to ? this : fillWith(this, value, from, to, codec);
}

// Writes what fits whole of `text`; returns how many bytes that was.
function writeText(bytes, text, codec, start, room) {
  if (typeof text !== 'string') throw nativeError(TypeError, 'ERR_INVALID_ARG_TYPE', 'argument must be a string');
  let encoded = codec.encode(text);
  if (encoded.length > room) encoded = encoded.subarray(0, codec.name === 'utf8' ? wholeCharacters(encoded, room) : room);
  if (encoded.length % codec.unit !== 0) encoded = encoded.subarray(0, -1);
  setBytes.call(bytes, encoded, start);
  return encoded.length;
}

// The most bytes, up to `room`, that end between two characters of valid UTF-8.
function wholeCharacters(bytes, room) {
  let end = room;
  while (end > 0 && (bytes[end] & 0xc0) === 0x80) end -= 1;
  return end;
}

function write(text, offset, length, encoding) {
  if (offset === undefined) return writeText(this, text, codecs.utf8, 0, this.length);
  if (length === undefined && typeof offset === 'string') {
    return writeText(this, text, requireCodec(offset, true), 0, this.length);
  }
  checkInteger(offset, 'offset', 0, this.length);
  let room = this.length - offset;
  let name = encoding;
  if (typeof length === 'string') {
    name = length;
  } else if (length !== undefined) {
    checkInteger(length, 'length', 0, this.length);
    room = Math.min(room, length);
  }
  return writeText(this, text, requireCodec(name, true), offset, room);
}

function toString(encoding, start, end) {
  const { length } = this;
  if (arguments.length === 0) return codecs.utf8.decode(this, 0, length);
  if (start >= length) return '';
  const from = start > 0 ? Math.trunc(start) : 0;
  const to = end === undefined || end > length ? length : Math.trunc(end);
  if (!(to > from)) return '';
  return requireCodec(encoding).decode(this, from, to);
}

function compare(target, targetStart = 0, targetEnd, sourceStart = 0, sourceEnd) {
  checkBytes(target, 'target');
  if (arguments.length === 1) return compareBytes(this, target);
  checkInteger(targetStart, 'targetStart');
  if (targetEnd !== undefined) checkInteger(targetEnd, 'targetEnd', 0, target.length);
  checkInteger(sourceStart, 'sourceStart');
  if (sourceEnd !== undefined) checkInteger(sourceEnd, 'sourceEnd', 0, this.length);
  const theirs = targetEnd ?? target.length;
  const ours = sourceEnd ?? this.length;
  if (sourceStart >= ours) return targetStart >= theirs ? 0 : -1;
  if (targetStart >= theirs) return 1;
  return compareBytes(section(this, sourceStart, ours), section(target, targetStart, theirs));
}

function equals(otherBuffer) {
  checkBytes(otherBuffer, 'otherBuffer');
  return this === otherBuffer || (this.length === otherBuffer.length && compareBytes(this, otherBuffer) === 0);
}

// Rounded down, unlike the positions of `slice`; what is no finite number is 0.
function floorOf(value) {
  const floor = Math.floor(+value);
  return Number.isFinite(floor) ? floor : 0;
}

function copy(target, targetStart, sourceStart, sourceEnd) {
  checkBytes(target, 'target');
  const at = floorOf(targetStart);
  if (at < 0) throw outOfRange('targetStart', '>= 0', at);
  const from = floorOf(sourceStart);
  if (from < 0 || from > this.length) throw outOfRange('sourceStart', `>= 0 && <= ${this.length}`, from);
  const to = sourceEnd === undefined ? this.length : floorOf(sourceEnd);
  if (to < 0) throw outOfRange('sourceEnd', '>= 0', to);
  const count = Math.min(to - from, this.length - from, target.length - at);
  if (count <= 0) return 0;
  setBytes.call(target, section(this, from, from + count), at);
  return count;
}

const section = (bytes, start, end) => new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);

// Negative positions count from the end.
function position(value, length) {
  const whole = Math.trunc(+value) || 0;
  return whole < 0 ? Math.max(whole + length, 0) : Math.min(whole, length);
}

function subarray(start, end) {
  const from = position(start, this.length);
  const to = end === undefined ? this.length : position(end, this.length);
  return new FastBuffer(this.buffer, this.byteOffset + from, Math.max(to - from, 0));
}

function swap(buffer, size) {
  if (buffer.length % size !== 0) {
    throw nodeError(RangeError, 'ERR_INVALID_BUFFER_SIZE', `Buffer size must be a multiple of ${8 * size}-bits`);
  }
  for (let start = 0; start < buffer.length; start += size) {
    for (let low = start, high = start + size - 1; low < high; low++, high--) {
      const byte = buffer[low];
      buffer[low] = buffer[high];
      buffer[high] = byte;
    }
  }
  return buffer;
}

function toJSON() {
  return { type: 'Buffer', data: Array.from(this) };
}

// `<Buffer 68 69>`, with whatever else the object carries.
function inspectBuffer(depth, options) {
  const count = Math.min(shown.bytes, this.length);
  const rest = this.length - count;
  let text = codecs.hex.decode(this, 0, count).replace(/(..)(?=.)/g, '$1 ');
  if (rest > 0) text += ` ... ${rest} more byte${rest > 1 ? 's' : ''}`;
  const names = options?.showHidden ? Reflect.ownKeys(this) : Object.keys(this);
  const extras = names.filter(name => typeof name === 'symbol' || !/^\d+$/.test(name));
  if (!options?.showHidden) {
    extras.push(...Object.getOwnPropertySymbols(this).filter(key => Object.prototype.propertyIsEnumerable.call(this, key)));
  }
  if (options !== undefined && extras.length > 0) {
    const carried = Object.fromEntries(extras.map(key => [key, this[key]]));
    if (this.length > 0) text += ', ';
    text += inspect(carried, { ...options, breakLength: Infinity, compact: Infinity }).slice(2, -2);
  }
  return `<${this.constructor.name} ${text}>`;
}

const indexError = () => nativeError(RangeError, 'ERR_OUT_OF_RANGE', 'Index out of range');

// `utf8Slice`, `utf8Write` and so on: undocumented, but libraries use them for speed.
function directMethods() {
  const methods = {};
  for (const codec of Object.values(codecs)) {
    const name = codec.name === 'utf16le' ? 'ucs2' : codec.name;
    methods[`${name}Slice`] = function slice(start = 0, end = this.length) {
      if (!(start >= 0 && start <= this.length && end <= this.length)) throw indexError();
      return start >= end ? '' : codec.decode(this, Math.trunc(start), Math.trunc(end));
    };
    methods[`${name}Write`] = function write(text, offset = 0, length = this.length) {
      if (offset < 0 || length < 0) throw indexError();
      if (offset > this.length) throw nativeError(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', '"offset" is outside of buffer bounds');
      return writeText(this, text, codec, offset, Math.min(length, this.length - offset));
    };
  }
  return methods;
}

export const generalMethods = {
  ...directMethods(),
  copy,
  toString,
  toLocaleString: toString,
  equals,
  compare,
  fill,
  write,
  toJSON,
  subarray,
  slice(start, end) { return subarray.call(this, start, end); },
  swap16() { return swap(this, 2); },
  swap32() { return swap(this, 4); },
  swap64() { return swap(this, 8); },
  inspect: inspectBuffer,
  [CUSTOM]: inspectBuffer,
};

/** `buffer.parent` and `buffer.offset`: of things that are no buffer, undefined. */
export const placeAccessors = {
  parent: { enumerable: true, get() { return this instanceof FastBuffer ? this.buffer : undefined; } },
  offset: { enumerable: true, get() { return this instanceof FastBuffer ? this.byteOffset : undefined; } },
};
