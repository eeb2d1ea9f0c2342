// Bytes as the functions of `crypto` take and give them.

import { Buffer } from '../buffer.js';
import { invalidArgType, outOfRange } from '../errors.js';

const BUFFERS = ['[object ArrayBuffer]', '[object SharedArrayBuffer]'];
const isArrayBuffer = value => BUFFERS.includes(Object.prototype.toString.call(value));

/** A view of bytes, whatever they come in; undefined for anything else. */
export function viewOf(value) {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return isArrayBuffer(value) ? new Uint8Array(value) : undefined;
}

/** Text (as UTF-8, or in `encoding`) or bytes; `kinds` completes the message. */
export function bytesOf(value, name, kinds, encoding = 'utf8') {
  if (typeof value === 'string') return Buffer.from(value, Buffer.isEncoding(encoding) ? encoding : 'utf8');
  const view = viewOf(value);
  if (view === undefined) throw invalidArgType(name, kinds, value);
  return view;
}

export const DATA = ['string', 'Buffer', 'TypedArray', 'DataView'];
export const SECRET = ['string', 'ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'];

/** `data` of a hash: views only, no bare `ArrayBuffer`. */
export function dataOf(value, name, encoding) {
  if (typeof value !== 'string' && !ArrayBuffer.isView(value)) throw invalidArgType(name, DATA, value);
  return bytesOf(value, name, DATA, encoding);
}

export const asBuffer = bytes => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export function checkCallback(callback) {
  if (typeof callback !== 'function') throw invalidArgType('callback', 'function', callback);
}

export function checkString(value, name) {
  if (typeof value !== 'string') throw invalidArgType(name, 'string', value);
}

export function checkInteger(value, name, low, high) {
  if (typeof value !== 'number') throw invalidArgType(name, 'number', value);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < low || value > high) throw outOfRange(name, `>= ${low} && <= ${high}`, value);
}
