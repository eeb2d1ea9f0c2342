// What the functions of `fs` accept: paths, options, encodings, flags, modes, numbers.

import { Buffer } from '../buffer.js';
import { invalidArgType, invalidArgValue, nodeError, outOfRange } from '../errors.js';
import { fileURLToPath } from '../url/files.js';
import constants from './constants.js';

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } = constants;

/** Text, bytes or a `file:` URL as text. */
export function pathOf(given, name = 'path') {
  let path = given;
  const isURL = given !== null && typeof given === 'object' && typeof given.href === 'string' && typeof given.protocol === 'string';
  if (isURL) path = fileURLToPath(given);
  else if (given instanceof Uint8Array) path = Buffer.from(given.buffer, given.byteOffset, given.byteLength).toString();
  if (typeof path !== 'string') throw invalidArgType(name, ['string', 'Buffer', 'URL'], given);
  if (path.includes('\0')) throw invalidArgValue(name, given, 'must be a string, Uint8Array, or URL without null bytes');
  return path;
}

export function checkEncoding(encoding) {
  if (encoding && encoding !== 'buffer' && !Buffer.isEncoding(encoding)) throw invalidArgValue('encoding', encoding, 'is invalid encoding');
  return encoding;
}

/** An object of options, or an encoding alone; a callback in their place means none. */
export function optionsOf(given, defaults = {}) {
  if (given === null || given === undefined || typeof given === 'function') return { ...defaults };
  const options = typeof given === 'string' ? { encoding: given } : given;
  if (typeof options !== 'object') throw invalidArgType('options', ['string', 'Object'], given);
  checkEncoding(options.encoding);
  return { ...defaults, ...options };
}

/** Bytes in the encoding asked for; without one they stay a `Buffer`. */
export function encoded(bytes, encoding) {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return encoding ? buffer.toString(encoding) : buffer;
}

/** A name or path that the host gave, in the encoding asked for. */
export function encodedName(name, encoding) {
  if (!encoding || encoding === 'utf8' || encoding === 'utf-8') return name;
  return encoding === 'buffer' ? Buffer.from(name) : Buffer.from(name).toString(encoding);
}

const KINDS_OF_DATA = ['string', 'Buffer', 'TypedArray', 'DataView'];

export function bytesOf(data, encoding, name = 'data') {
  if (typeof data === 'string') return Buffer.from(data, encoding || 'utf8');
  return viewOf(data, name, KINDS_OF_DATA);
}

export function viewOf(view, name, kinds = KINDS_OF_DATA.slice(1)) {
  if (!ArrayBuffer.isView(view)) throw invalidArgType(name, kinds, view);
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

const FLAGS = {
  r: O_RDONLY, rs: O_RDONLY | O_SYNC, sr: O_RDONLY | O_SYNC, 'r+': O_RDWR, 'rs+': O_RDWR | O_SYNC, 'sr+': O_RDWR | O_SYNC,
  w: O_TRUNC | O_CREAT | O_WRONLY, 'w+': O_TRUNC | O_CREAT | O_RDWR, a: O_APPEND | O_CREAT | O_WRONLY, 'a+': O_APPEND | O_CREAT | O_RDWR,
};
for (const [base, exclusive] of [['w', 'wx'], ['w', 'xw'], ['a', 'ax'], ['a', 'xa']]) {
  FLAGS[exclusive] = FLAGS[base] | O_EXCL;
  FLAGS[`${exclusive}+`] = FLAGS[`${base}+`] | O_EXCL;
}
for (const synchronous of ['as', 'sa']) {
  FLAGS[synchronous] = FLAGS.a | O_SYNC;
  FLAGS[`${synchronous}+`] = FLAGS['a+'] | O_SYNC;
}

export function flagsOf(given, name = 'flags') {
  if (typeof given === 'number') return checkInteger(given, name, -(2 ** 31), 2 ** 31 - 1);
  if (given === null || given === undefined) return O_RDONLY;
  if (typeof given !== 'string' || !Object.hasOwn(FLAGS, given)) throw invalidArgValue(name, given);
  return FLAGS[given];
}

/** Flags as the host writes a whole file: `w`, `wx`, `a`, `ax` or `r+`; null where they do not allow writing. */
export function writeFlag(flags) {
  if ((flags & 3) === O_RDONLY) return null;
  const exclusive = flags & O_CREAT && flags & O_EXCL ? 'x' : '';
  if (flags & O_APPEND && flags & O_CREAT) return `a${exclusive}`;
  return flags & O_CREAT && (flags & O_TRUNC || exclusive) ? `w${exclusive}` : 'r+';
}

export function modeOf(given, name, fallback) {
  if ((given === undefined || given === null) && fallback !== undefined) return fallback;
  if (typeof given === 'string') {
    if (!/^[0-7]+$/.test(given)) throw invalidArgValue(name, given, 'must be a 32-bit unsigned integer or an octal string');
    return Number.parseInt(given, 8);
  }
  return checkInteger(given ?? undefined, name, 0, 2 ** 32 - 1);
}

/** The mode of `access` and `copyFile`, which is a set of three bits. */
export function bitsOf(given, fallback) {
  if (given === undefined || given === null) return fallback;
  if (typeof given !== 'number') throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', 'mode must be int32 or null/undefined');
  if (given < 0 || given > 7) throw nodeError(RangeError, 'ERR_OUT_OF_RANGE', 'mode is out of range: >= 0 && <= 7');
  return Math.trunc(given);
}

export function checkInteger(value, name, low = 0, high = Number.MAX_SAFE_INTEGER) {
  if (typeof value !== 'number') throw invalidArgType(name, 'number', value);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < low || value > high) throw outOfRange(name, `>= ${low} && <= ${high}`, value);
  return value;
}

export function checkBoolean(value, name) {
  if (typeof value !== 'boolean') throw invalidArgType(name, 'boolean', value);
  return value;
}

/** A time in seconds: a number, digits as text, or a `Date`. */
export function secondsOf(time, name = 'time') {
  if (typeof time === 'number' || (typeof time === 'string' && String(Number(time)) === time)) {
    const seconds = Number(time);
    if (Number.isFinite(seconds)) return seconds < 0 ? Date.now() / 1000 : seconds;
  }
  if (time instanceof Date) return time.getTime() / 1000;
  throw invalidArgType(name, ['Date', 'Time in seconds'], time);
}
