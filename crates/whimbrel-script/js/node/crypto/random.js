// Random bytes, numbers and UUIDs.

import { Buffer } from '../buffer.js';
import { host } from '../host.js';
import { invalidArgType, outOfRange } from '../errors.js';
import { later } from '../fs/later.js';
import { checkCallback, viewOf } from './bytes.js';

const MOST_AT_ONCE = 65536;
const LARGEST = 2 ** 31 - 1;
const LARGEST_RANGE = 2 ** 48 - 1;

/** Fills `view`; the host gives so much at once. */
export function fillRandom(view) {
  for (let at = 0; at < view.length; at += MOST_AT_ONCE) view.set(host.random(Math.min(MOST_AT_ONCE, view.length - at)), at);
}

function checkAmount(value, name, most) {
  if (typeof value !== 'number') throw invalidArgType(name, 'number', value);
  if (!(value >= 0 && value <= most)) throw outOfRange(name, `>= 0 && <= ${most}`, value);
  return Math.trunc(value);
}

export function randomBytes(size, callback) {
  const buffer = Buffer.alloc(checkAmount(size, 'size', LARGEST));
  if (callback !== undefined) checkCallback(callback);
  fillRandom(buffer);
  if (callback === undefined) return buffer;
  later(callback, null, buffer);
  return undefined;
}

// The part of a buffer that is meant, in units of its elements.
function partOf(buffer, givenOffset, givenSize) {
  const bytes = viewOf(buffer);
  if (bytes === undefined) throw invalidArgType('buf', ['ArrayBuffer', 'ArrayBufferView'], buffer);
  const unit = buffer.BYTES_PER_ELEMENT ?? 1;
  const offset = givenOffset === undefined ? 0 : checkAmount(givenOffset, 'offset', bytes.length / unit) * unit;
  if (givenSize === undefined) return bytes.subarray(offset);
  const size = checkAmount(givenSize, 'size', LARGEST) * unit;
  if (size + offset > bytes.length) throw outOfRange('size + offset', `<= ${bytes.length}`, size + offset);
  return bytes.subarray(offset, offset + size);
}

export function randomFillSync(buffer, offset, size) {
  fillRandom(partOf(buffer, offset, size));
  return buffer;
}

export function randomFill(buffer, ...rest) {
  if (viewOf(buffer) === undefined) throw invalidArgType('buf', ['ArrayBuffer', 'ArrayBufferView'], buffer);
  const place = rest.findIndex(argument => typeof argument === 'function');
  if (place === -1) checkCallback(rest[2]);
  fillRandom(partOf(buffer, ...rest.slice(0, place)));
  later(rest[place], null, buffer);
}

/** A whole number from `min` (0) up to, without, `max`; every one as likely as the others. */
export function randomInt(given, ...rest) {
  const hasMin = rest.length > 0 && typeof rest[0] !== 'function' && rest[0] !== undefined;
  const [min, max] = hasMin ? [given, rest[0]] : [0, given];
  const callback = hasMin ? rest[1] : rest[0];
  if (callback !== undefined) checkCallback(callback);
  if (!Number.isSafeInteger(min)) throw invalidArgType('min', 'a safe integer', min);
  if (!Number.isSafeInteger(max)) throw invalidArgType('max', 'a safe integer', max);
  if (max <= min) throw outOfRange('max', `greater than the value of "min" (${min})`, max);
  const range = max - min;
  if (range > LARGEST_RANGE) throw outOfRange(hasMin ? 'max - min' : 'max', `<= ${LARGEST_RANGE}`, range);
  const number = min + below(range);
  if (callback === undefined) return number;
  later(callback, null, number);
  return undefined;
}

// Drawn again beyond the last whole multiple of the range, which would favour the small ones.
function below(range) {
  const limit = LARGEST_RANGE + 1 - ((LARGEST_RANGE + 1) % range);
  while (true) {
    const drawn = host.random(6).reduce((sum, byte) => sum * 256 + byte, 0);
    if (drawn < limit) return drawn % range;
  }
}

export function randomUUID(options) {
  const isObject = options !== null && typeof options === 'object' && !Array.isArray(options);
  if (options !== undefined && !isObject) throw invalidArgType('options', 'object', options);
  const cache = options?.disableEntropyCache;
  if (cache !== undefined && typeof cache !== 'boolean') throw invalidArgType('options.disableEntropyCache', 'boolean', cache);
  const bytes = Buffer.from(host.random(16));
  // Version 4, and the variant of RFC 9562.
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
