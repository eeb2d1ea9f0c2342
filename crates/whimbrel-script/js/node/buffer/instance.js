// What a buffer is: a Uint8Array with another prototype. `class.js` gives it its methods.

import { isUint8Array } from '../../bson/bytes.js';

/** The class below `Buffer`, which is itself no class: it may be called without `new`. */
export class FastBuffer extends Uint8Array {}

/** The same memory as a buffer. */
export const wrap = bytes => new FastBuffer(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const isBytes = value => value instanceof Uint8Array || (ArrayBuffer.isView(value) && isUint8Array(value));
