// `Buffer` itself: how buffers are made, and the functions beside them.
//
// Every buffer has memory of its own that is zero at the start, `allocUnsafe` too: there is no pool that
// secrets could leak from, and `buffer.buffer` is never longer than the buffer.

import { isAnyArrayBuffer } from '../../bson/bytes.js';
import { invalidArgType } from '../errors.js';
import { bufferBoundsError, checkInteger, checkSize, checkString, unknownEncoding } from './checks.js';
import { codecOf, codecs } from './encodings.js';
import { FastBuffer, wrap } from './instance.js';
import { compareBytes, checkBytes, fillCodec, fillWith, generalMethods, placeAccessors } from './methods.js';
import { numberMethods } from './numbers.js';
import { searchMethods } from './search.js';

const { set: setBytes } = Uint8Array.prototype;
const TypedArray = Object.getPrototypeOf(Uint8Array);

const SOURCES = ['string', 'Buffer', 'ArrayBuffer', 'Array', 'Array-like Object'];

function fromString(text, encoding) {
  const codec = typeof encoding === 'string' && encoding !== '' ? codecOf(encoding) : codecs.utf8;
  if (codec === undefined) throw unknownEncoding(encoding);
  return wrap(codec.encode(text));
}

function fromList(list) {
  if (!(list.length > 0)) return new FastBuffer();
  const buffer = new FastBuffer(list.length);
  setBytes.call(buffer, list);
  return buffer;
}

// Shares the memory.
function fromMemory(memory, byteOffset, length) {
  const offset = +byteOffset || 0;
  if (offset < 0) throw new RangeError(`Start offset ${offset} is outside the bounds of the buffer`);
  const most = memory.byteLength - offset;
  if (most < 0) throw bufferBoundsError('offset');
  if (length === undefined) return new FastBuffer(memory, offset, most);
  const wanted = +length;
  if (wanted > most) throw bufferBoundsError('length');
  return new FastBuffer(memory, offset, wanted > 0 ? wanted : 0);
}

// The object itself, what it stands for (`valueOf`), or its text; undefined if it is nothing of the kind.
function fromObject(value, encodingOrOffset, length) {
  if (isAnyArrayBuffer(value)) return fromMemory(value, encodingOrOffset, length);
  const inner = value.valueOf?.();
  if (inner !== null && inner !== value && (typeof inner === 'string' || typeof inner === 'object')) {
    return from(inner, encodingOrOffset, length);
  }
  if (value.length !== undefined || isAnyArrayBuffer(value.buffer)) {
    return typeof value.length === 'number' ? fromList(value) : new FastBuffer();
  }
  if (value.type === 'Buffer' && Array.isArray(value.data)) return fromList(value.data);
  const text = value[Symbol.toPrimitive]?.('string');
  return typeof text === 'string' ? fromString(text, encodingOrOffset) : undefined;
}

function from(value, encodingOrOffset, length) {
  if (typeof value === 'string') return fromString(value, encodingOrOffset);
  const made = typeof value === 'object' && value !== null ? fromObject(value, encodingOrOffset, length) : undefined;
  if (made === undefined) throw invalidArgType('first argument', SOURCES, value);
  return made;
}

function alloc(size, fill, encoding) {
  checkSize(size);
  const buffer = new FastBuffer(size);
  if (fill === undefined || fill === 0 || size === 0) return buffer;
  const codec = typeof fill === 'string' ? fillCodec(encoding) : undefined;
  return fillWith(buffer, fill, 0, buffer.length, codec);
}

/** `allocUnsafe`, `allocUnsafeSlow` and `SlowBuffer`. */
export function allocate(size) {
  checkSize(size);
  return new FastBuffer(size);
}

function copyBytesFrom(view, offset, length) {
  if (!(view instanceof TypedArray)) throw invalidArgType('view', 'TypedArray', view);
  if (view.length === 0) return new FastBuffer();
  if (offset !== undefined) checkInteger(offset, 'offset', 0, Number.MAX_SAFE_INTEGER);
  const start = Math.min(offset ?? 0, view.length);
  if (length !== undefined) checkInteger(length, 'length', 0, Number.MAX_SAFE_INTEGER);
  const end = Math.min(start + (length ?? view.length), view.length);
  const size = view.BYTES_PER_ELEMENT;
  return fromList(new Uint8Array(view.buffer, view.byteOffset + start * size, (end - start) * size));
}

function concat(list, length) {
  if (!Array.isArray(list)) throw invalidArgType('list', 'Array', list);
  if (list.length === 0) return new FastBuffer();
  if (length !== undefined) checkInteger(length, 'length');
  const total = length ?? list.reduce((sum, part) => sum + (part?.length || 0), 0);
  list.forEach((part, index) => checkBytes(part, `list[${index}]`));
  const buffer = new FastBuffer(total);
  let at = 0;
  for (const part of list) {
    if (at + part.length > total) {
      setBytes.call(buffer, new Uint8Array(part.buffer, part.byteOffset, total - at), at);
      break;
    }
    setBytes.call(buffer, part, at);
    at += part.length;
  }
  return buffer;
}

function byteLength(string, encoding) {
  if (typeof string === 'string') {
    const codec = encoding ? codecOf(encoding) : codecs.utf8;
    return (codec ?? codecs.utf8).lengthOf(string);
  }
  if (ArrayBuffer.isView(string) || isAnyArrayBuffer(string)) return string.byteLength;
  throw invalidArgType('string', ['string', 'Buffer', 'ArrayBuffer'], string);
}

/** The deprecated forms: a number is a size, all else goes to `Buffer.from`. */
export function Buffer(value, encodingOrOffset, length) {
  if (typeof value !== 'number') return from(value, encodingOrOffset, length);
  if (typeof encodingOrOffset === 'string') checkString(value, 'string');
  return alloc(value);
}

const statics = {
  poolSize: 8192,
  from,
  copyBytesFrom,
  of(...bytes) { return fromList(bytes); },
  alloc,
  allocUnsafe(size) { return allocate(size); },
  allocUnsafeSlow(size) { return allocate(size); },
  isBuffer: value => value instanceof FastBuffer,
  compare(buf1, buf2) {
    checkBytes(buf1, 'buf1');
    checkBytes(buf2, 'buf2');
    return compareBytes(buf1, buf2);
  },
  isEncoding: encoding => typeof encoding === 'string' && encoding !== '' && codecOf(encoding) !== undefined,
  concat,
  byteLength,
};

Object.setPrototypeOf(Buffer, Uint8Array);
Object.assign(Buffer, statics);
// What inherited methods such as `map` make.
Object.defineProperty(Buffer, Symbol.species, { configurable: true, get: () => FastBuffer });
Buffer.prototype = FastBuffer.prototype;
Object.defineProperty(Buffer.prototype, 'constructor', {
  value: Buffer, writable: true, configurable: true, enumerable: false,
});
Object.assign(Buffer.prototype, numberMethods, generalMethods, searchMethods);
Object.defineProperties(Buffer.prototype, placeAccessors);
