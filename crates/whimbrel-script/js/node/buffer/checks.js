// Checks of arguments, with the words of Node.js 20 where they fail.

import { format } from '../../inspect.js';
import { invalidArgType, nodeError, outOfRange } from '../errors.js';

/** The longest a buffer may be called; the engine itself may refuse earlier. */
export const MAX_LENGTH = 2 ** 32;

export function checkString(value, name) {
  if (typeof value !== 'string') throw invalidArgType(name, 'string', value);
}

/** A number of at least `min` and at most `max`, where they are given. */
export function checkNumber(value, name, min, max) {
  if (typeof value !== 'number') throw invalidArgType(name, 'number', value);
  if (min === undefined || (value >= min && !(value > max))) return;
  throw outOfRange(name, max === undefined ? `>= ${min}` : `>= ${min} && <= ${max}`, value);
}

export function checkInteger(value, name, min = 0, max = MAX_LENGTH) {
  if (typeof value !== 'number') throw invalidArgType(name, 'number', value);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < min || value > max) throw outOfRange(name, `>= ${min} && <= ${max}`, value);
}

export const checkSize = size => checkNumber(size, 'size', 0, MAX_LENGTH);

/** Throws for a place at which nothing can be read or written; `last` is the last one possible. */
export function outOfBounds(place, last, name = 'offset') {
  if (Math.floor(place) !== place) {
    checkNumber(place, name);
    throw outOfRange(name, 'an integer', place);
  }
  if (last < 0) throw bufferBoundsError();
  throw outOfRange(name, `>= ${name === 'offset' ? 0 : 1} and <= ${last}`, place);
}

export function bufferBoundsError(name) {
  const message = name === undefined
    ? 'Attempt to access memory outside buffer bounds'
    : `"${name}" is outside of buffer bounds`;
  return nodeError(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', message);
}

export const unknownEncoding = encoding => (
  nodeError(TypeError, 'ERR_UNKNOWN_ENCODING', format('Unknown encoding: %s', encoding))
);

/** An error of Node's native parts: it has a code, but its text does not name it. */
export const nativeError = (Base, code, message) => Object.assign(new Base(message), { code });
