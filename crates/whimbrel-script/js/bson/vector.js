// Vectors inside a `Binary` of subtype 9: a type byte, a padding byte, then the elements.
//
// Works on the `Binary` it is given and knows nothing else of it; `binary.js` hangs these functions on
// the class.

import { allocate } from './bytes.js';
import { BSONError } from './errors.js';

export const VECTOR_SUBTYPE = 9;
export const VECTOR_TYPE = Object.freeze({ Int8: 0x03, Float32: 0x27, PackedBit: 0x10 });

const HEADER = 2;
const TYPE_NAMES = { Int8: 'Int8', Float32: 'Float32', PackedBit: 'packed bit' };

/** Checks the known element types; unknown ones are left to whoever defined them. */
export function validateVector(binary) {
  if (binary.sub_type !== VECTOR_SUBTYPE) return;
  const [type, padding] = binary.buffer;
  const size = binary.position;
  if ((type === VECTOR_TYPE.Float32 || type === VECTOR_TYPE.Int8) && padding !== 0) {
    throw new BSONError('Invalid Vector: padding must be zero for int8 and float32 vectors');
  }
  if (type === VECTOR_TYPE.Float32 && size !== 0 && (size - HEADER) % 4 !== 0) {
    throw new BSONError('Invalid Vector: Float32 vector must contain a multiple of 4 bytes');
  }
  if (type !== VECTOR_TYPE.PackedBit) return;
  if (padding !== 0 && size === HEADER) {
    throw new BSONError('Invalid Vector: padding must be zero for packed bit vectors that are empty');
  }
  if (padding > 7) {
    throw new BSONError(`Invalid Vector: padding must be a value between 0 and 7. found: ${padding}`);
  }
}

/** A copy of the element bytes of a vector of the named type. */
export function elementBytes(binary, typeName) {
  if (binary.sub_type !== VECTOR_SUBTYPE) throw new BSONError('Binary sub_type is not Vector');
  if (binary.buffer[0] !== VECTOR_TYPE[typeName]) {
    throw new BSONError(`Binary datatype field is not ${TYPE_NAMES[typeName]}`);
  }
  validateVector(binary);
  const { buffer, position } = binary;
  return new Uint8Array(buffer.buffer.slice(buffer.byteOffset + HEADER, buffer.byteOffset + position));
}

/** The bytes of a vector: header and `elements` (any typed array). */
export function vectorBytes(typeName, padding, elements) {
  const bytes = allocate(HEADER + elements.byteLength);
  bytes[0] = VECTOR_TYPE[typeName];
  bytes[1] = padding;
  bytes.set(new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength), HEADER);
  return bytes;
}

export function unpackBits(binary) {
  const packed = elementBytes(binary, 'PackedBit');
  const bits = new Int8Array(packed.length * 8 - binary.buffer[1]);
  for (let i = 0; i < bits.length; i++) bits[i] = (packed[i >> 3] >> (7 - (i % 8))) & 1;
  return bits;
}

export function packBits(bits) {
  const packed = new Uint8Array(Math.ceil(bits.length / 8));
  for (let i = 0; i < bits.length; i++) {
    if (bits[i] !== 0 && bits[i] !== 1) {
      throw new BSONError(`Invalid bit value at ${i}: must be 0 or 1, found ${bits[i]}`);
    }
    packed[i >> 3] |= bits[i] << (7 - (i % 8));
  }
  return vectorBytes('PackedBit', packed.length * 8 - bits.length, packed);
}
