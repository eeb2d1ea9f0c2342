// The module `buffer`: bytes with the methods of Node.js.
//
// `Buffer` is made in `buffer/class.js`, from methods in files beside it; `buffer/encodings.js` knows the
// encodings. Not offered: `Blob`, `File` and `resolveObjectURL`, which belong to the web.

import { MAX_LENGTH, checkNumber, checkSize } from './buffer/checks.js';
import { Buffer, allocate } from './buffer/class.js';
import { isValidUtf8 } from './buffer/utf8.js';
import { shown } from './buffer/methods.js';
import { transcode } from './buffer/transcode.js';
import { atob, btoa } from './buffer/web_base64.js';
import { invalidArgType } from './errors.js';
import { isAnyArrayBuffer } from '../bson/bytes.js';

const TypedArray = Object.getPrototypeOf(Uint8Array);

// Node's own limit, for scripts that split by it; the engine's is higher.
const MAX_STRING_LENGTH = 2 ** 29 - 24;

function bytesOf(input) {
  if (input instanceof TypedArray) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  if (isAnyArrayBuffer(input)) return new Uint8Array(input);
  throw invalidArgType('input', ['ArrayBuffer', 'Buffer', 'TypedArray'], input);
}

function isUtf8(input) {
  const bytes = bytesOf(input);
  return isValidUtf8(bytes, 0, bytes.length);
}

function isAscii(input) {
  for (const byte of bytesOf(input)) if (byte >= 0x80) return false;
  return true;
}

/** Deprecated: a buffer of `size` bytes. */
function SlowBuffer(size) {
  checkSize(size);
  return allocate(size);
}
Object.setPrototypeOf(SlowBuffer.prototype, Uint8Array.prototype);
Object.setPrototypeOf(SlowBuffer, Uint8Array);

const buffer = {
  Buffer,
  SlowBuffer,
  transcode,
  isUtf8,
  isAscii,
  kMaxLength: MAX_LENGTH,
  kStringMaxLength: MAX_STRING_LENGTH,
  btoa,
  atob,
};

Object.defineProperties(buffer, {
  constants: { enumerable: true, value: Object.freeze({ MAX_LENGTH, MAX_STRING_LENGTH }) },
  INSPECT_MAX_BYTES: {
    enumerable: true,
    configurable: true,
    get() { return shown.bytes; },
    set(value) {
      checkNumber(value, 'INSPECT_MAX_BYTES', 0);
      shown.bytes = value;
    },
  },
});

export { Buffer, atob, btoa };
export default buffer;
