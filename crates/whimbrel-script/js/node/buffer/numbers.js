// `readInt16LE`, `writeDoubleBE` and their kin.
//
// Whole numbers of up to six bytes are put together here; floats and BigInts go through a DataView, which
// knows their layout. `this` may be any Uint8Array. A value is checked before its place, as in Node.

import { invalidArgType, outOfRange } from '../errors.js';
import { checkNumber, outOfBounds } from './checks.js';

const WORD = 2 ** 32;

// Throws unless `size` bytes are there at `offset`.
function checkPlace(bytes, offset, size) {
  if (typeof offset !== 'number') throw invalidArgType('offset', 'number', offset);
  if (bytes[offset] === undefined || bytes[offset + size - 1] === undefined) outOfBounds(offset, bytes.length - size);
}

function checkByteLength(byteLength) {
  if (byteLength === 1 || byteLength === 2 || byteLength === 3) return;
  if (byteLength === 4 || byteLength === 5 || byteLength === 6) return;
  if (byteLength === undefined) throw invalidArgType('byteLength', 'number', byteLength);
  outOfBounds(byteLength, 6, 'byteLength');
}

const viewOf = bytes => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function readLE(bytes, offset, size) {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + bytes[offset + i];
  return value;
}

function readBE(bytes, offset, size) {
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + bytes[offset + i];
  return value;
}

const signed = (value, size) => (value >= 2 ** (8 * size - 1) ? value - 2 ** (8 * size) : value);

// The range in words: beyond four bytes as powers of two.
function checkRange(value, size, isSigned, one = 1) {
  const [two, bits] = typeof one === 'bigint' ? [2n, BigInt(8 * size)] : [2, 8 * size];
  const min = isSigned ? -(two ** (bits - one)) : one - one;
  const max = isSigned ? two ** (bits - one) - one : two ** bits - one;
  if (!(value > max || value < min)) return;
  const n = typeof one === 'bigint' ? 'n' : '';
  const power = exponent => `2${n} ** ${exponent}${n}`;
  if (size <= 4) throw outOfRange('value', `>= ${min} and <= ${max}`, value);
  const low = isSigned ? `-(${power(8 * size - 1)})` : `0${n}`;
  throw outOfRange('value', `>= ${low} and < ${power(isSigned ? 8 * size - 1 : 8 * size)}`, value);
}

// One byte is checked in the other order: Node has its own path for it.
function checkWrite(bytes, value, offset, size, isSigned) {
  if (size === 1) checkNumber(offset, 'offset');
  checkRange(value, size, isSigned);
  checkPlace(bytes, offset, size);
}

function writeLE(bytes, given, offset, size, isSigned) {
  const value = +given;
  checkWrite(bytes, value, offset, size, isSigned);
  let rest = value;
  for (let i = 0; i < size; i++) {
    if (i === 4) rest = Math.floor(value / WORD);
    bytes[offset + i] = rest;
    rest >>>= 8;
  }
  return offset + size;
}

function writeBE(bytes, given, offset, size, isSigned) {
  const value = +given;
  checkWrite(bytes, value, offset, size, isSigned);
  let rest = value;
  for (let i = 0; i < size; i++) {
    if (i === 4) rest = Math.floor(value / WORD);
    bytes[offset + size - 1 - i] = rest;
    rest >>>= 8;
  }
  return offset + size;
}

function checkVariable(bytes, offset, byteLength) {
  if (offset === undefined) throw invalidArgType('offset', 'number', offset);
  checkByteLength(byteLength);
  checkPlace(bytes, offset, byteLength);
}

function writeView(bytes, method, given, offset, size, littleEndian) {
  const value = +given;
  checkPlace(bytes, offset, size);
  viewOf(bytes)[method](offset, value, littleEndian);
  return offset + size;
}

function writeBig(bytes, value, offset, isSigned, littleEndian) {
  checkRange(value, 8, isSigned, 1n);
  checkPlace(bytes, offset, 8);
  // A DataView would convert strings and booleans.
  if (typeof value !== 'bigint') throw new TypeError('Cannot mix BigInt and other types, use explicit conversions');
  viewOf(bytes).setBigUint64(offset, value, littleEndian);
  return offset + 8;
}

const unsignedReads = {
  readUInt8(offset = 0) { checkPlace(this, offset, 1); return this[offset]; },
  readUInt16LE(offset = 0) { checkPlace(this, offset, 2); return this[offset] | (this[offset + 1] << 8); },
  readUInt16BE(offset = 0) { checkPlace(this, offset, 2); return (this[offset] << 8) | this[offset + 1]; },
  readUInt32LE(offset = 0) { checkPlace(this, offset, 4); return readLE(this, offset, 4); },
  readUInt32BE(offset = 0) { checkPlace(this, offset, 4); return readBE(this, offset, 4); },
  readUIntLE(offset, byteLength) { checkVariable(this, offset, byteLength); return readLE(this, offset, byteLength); },
  readUIntBE(offset, byteLength) { checkVariable(this, offset, byteLength); return readBE(this, offset, byteLength); },
  readBigUInt64LE(offset = 0) { checkPlace(this, offset, 8); return viewOf(this).getBigUint64(offset, true); },
  readBigUInt64BE(offset = 0) { checkPlace(this, offset, 8); return viewOf(this).getBigUint64(offset, false); },
};

const signedReads = {
  readInt8(offset = 0) { checkPlace(this, offset, 1); return (this[offset] << 24) >> 24; },
  readInt16LE(offset = 0) { checkPlace(this, offset, 2); return signed(readLE(this, offset, 2), 2); },
  readInt16BE(offset = 0) { checkPlace(this, offset, 2); return signed(readBE(this, offset, 2), 2); },
  readInt32LE(offset = 0) { checkPlace(this, offset, 4); return readLE(this, offset, 4) | 0; },
  readInt32BE(offset = 0) { checkPlace(this, offset, 4); return readBE(this, offset, 4) | 0; },
  readIntLE(offset, byteLength) {
    checkVariable(this, offset, byteLength);
    return signed(readLE(this, offset, byteLength), byteLength);
  },
  readIntBE(offset, byteLength) {
    checkVariable(this, offset, byteLength);
    return signed(readBE(this, offset, byteLength), byteLength);
  },
  readBigInt64LE(offset = 0) { checkPlace(this, offset, 8); return viewOf(this).getBigInt64(offset, true); },
  readBigInt64BE(offset = 0) { checkPlace(this, offset, 8); return viewOf(this).getBigInt64(offset, false); },
  readFloatLE(offset = 0) { checkPlace(this, offset, 4); return viewOf(this).getFloat32(offset, true); },
  readFloatBE(offset = 0) { checkPlace(this, offset, 4); return viewOf(this).getFloat32(offset, false); },
  readDoubleLE(offset = 0) { checkPlace(this, offset, 8); return viewOf(this).getFloat64(offset, true); },
  readDoubleBE(offset = 0) { checkPlace(this, offset, 8); return viewOf(this).getFloat64(offset, false); },
};

const unsignedWrites = {
  writeUInt8(value, offset = 0) { return writeLE(this, value, offset, 1, false); },
  writeUInt16LE(value, offset = 0) { return writeLE(this, value, offset, 2, false); },
  writeUInt16BE(value, offset = 0) { return writeBE(this, value, offset, 2, false); },
  writeUInt32LE(value, offset = 0) { return writeLE(this, value, offset, 4, false); },
  writeUInt32BE(value, offset = 0) { return writeBE(this, value, offset, 4, false); },
  writeUIntLE(value, offset, byteLength) {
    checkByteLength(byteLength);
    return writeLE(this, value, offset, byteLength, false);
  },
  writeUIntBE(value, offset, byteLength) {
    checkByteLength(byteLength);
    return writeBE(this, value, offset, byteLength, false);
  },
  writeBigUInt64LE(value, offset = 0) { return writeBig(this, value, offset, false, true); },
  writeBigUInt64BE(value, offset = 0) { return writeBig(this, value, offset, false, false); },
};

const signedWrites = {
  writeInt8(value, offset = 0) { return writeLE(this, value, offset, 1, true); },
  writeInt16LE(value, offset = 0) { return writeLE(this, value, offset, 2, true); },
  writeInt16BE(value, offset = 0) { return writeBE(this, value, offset, 2, true); },
  writeInt32LE(value, offset = 0) { return writeLE(this, value, offset, 4, true); },
  writeInt32BE(value, offset = 0) { return writeBE(this, value, offset, 4, true); },
  writeIntLE(value, offset, byteLength) {
    checkByteLength(byteLength);
    return writeLE(this, value, offset, byteLength, true);
  },
  writeIntBE(value, offset, byteLength) {
    checkByteLength(byteLength);
    return writeBE(this, value, offset, byteLength, true);
  },
  writeBigInt64LE(value, offset = 0) { return writeBig(this, value, offset, true, true); },
  writeBigInt64BE(value, offset = 0) { return writeBig(this, value, offset, true, false); },
  writeFloatLE(value, offset = 0) { return writeView(this, 'setFloat32', value, offset, 4, true); },
  writeFloatBE(value, offset = 0) { return writeView(this, 'setFloat32', value, offset, 4, false); },
  writeDoubleLE(value, offset = 0) { return writeView(this, 'setFloat64', value, offset, 8, true); },
  writeDoubleBE(value, offset = 0) { return writeView(this, 'setFloat64', value, offset, 8, false); },
};

// `readUint8` is `readUInt8`, and so on.
const withAliases = methods => ({
  ...methods,
  ...Object.fromEntries(Object.entries(methods).map(([name, method]) => [name.replace('UInt', 'Uint'), method])),
});

export const numberMethods = {
  ...withAliases(unsignedReads), ...signedReads, ...withAliases(unsignedWrites), ...signedWrites,
};
