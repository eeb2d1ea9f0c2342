// `atob` and `btoa`: base64 between strings of bytes, strict as browsers have it.

import { nodeError } from '../errors.js';
import { decodeBase64, encodeBase64 } from './digits.js';
import { codecs } from './encodings.js';
import { textOf } from './text_units.js';

const { latin1 } = codecs;
const INVALID_CHARACTER_ERR = 5;

// A `DOMException` where the program has one; else an error that answers alike.
function invalidCharacter(message = 'Invalid character') {
  const name = 'InvalidCharacterError';
  if (typeof globalThis.DOMException === 'function') return new globalThis.DOMException(message, name);
  const error = new Error(message);
  Object.defineProperties(error, {
    name: { value: name, configurable: true, writable: true },
    code: { value: INVALID_CHARACTER_ERR, configurable: true },
  });
  return error;
}

const missingInput = () => nodeError(TypeError, 'ERR_MISSING_ARGS', 'The "input" argument must be specified');

/** The bytes that base64 `input` stands for, as characters up to U+00FF. */
export function atob(input) {
  if (arguments.length === 0) throw missingInput();
  const text = `${input}`.replace(/[\t\n\f\r ]+/g, '');
  const digits = text.replace(/={1,2}$/, '');
  if (/[^A-Za-z0-9+/]/.test(digits)) throw invalidCharacter();
  if (digits.length % 4 === 1) throw invalidCharacter('The string to be decoded is not correctly encoded.');
  // Padding may be left out, but not in part.
  if (digits !== text && text.length % 4 !== 0) throw invalidCharacter();
  const bytes = decodeBase64(digits);
  return textOf(bytes, 0, bytes.length);
}

/** Base64 of a string of characters up to U+00FF. */
export function btoa(input) {
  if (arguments.length === 0) throw missingInput();
  const text = `${input}`;
  if (/[^\0-\xff]/.test(text)) throw invalidCharacter();
  const bytes = latin1.encode(text);
  return encodeBase64(bytes, 0, bytes.length);
}
